import {readFile} from 'node:fs/promises'
import {expect, test} from 'vitest'
import {writeFiles} from '../helpers/files.ts'
import {usingRotation} from '../helpers/rotation.ts'
import {runStrat} from '../helpers/strat.ts'

test('rotate --check tells of bots whose address, or whose template, is another now', async () => {
  await usingRotation(['stage-condor', 'stage-fly'], async (rotation) => {
    const {folder, github, env} = rotation
    const template = JSON.parse(await readFile('templates/strategies/condor.json', 'utf8'))
    await rotation.rotate()
    await writeFiles(folder, {
      'strat.config.json': '{"templates": "./templates"}',
      'templates/condor.json': JSON.stringify({...template, permissions: template.permissions.slice(1)}),
    })
    const place = {environment: 'stage-fly'}
    const record = JSON.parse(github.variableOf(place, 'STRAT_TOKEN_META') ?? '')
    github.setVariable(place, 'STRAT_TOKEN_META', JSON.stringify({...record, url: `${record.url}-before`}))
    const {code, json} = await runStrat(['rotate', '--all', '--check', '--json'], {cwd: folder, env})
    expect({code, strategies: json.strategies}).toMatchObject({
      code: 3,
      strategies: [
        {name: 'stage-condor', status: 'expiring', reason: 'its template allows something else than its token'},
        {name: 'stage-fly', status: 'expiring', reason: 'the address of its database has changed'},
      ],
    })
  })
})
