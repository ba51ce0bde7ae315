import {describe, expect} from 'vitest'
import {snapshot} from '../helpers/files.ts'
import {test} from '../helpers/test.ts'

describe('strat usage', () => {
  test.for(['80', '80 %', '%', '-1%', '8e1%', '1000%', '0x10%', 'eighty'])('takes no --fail-above of %j', async (percent, {folder}) => {
    const {runStrat} = await import('../helpers/strat.ts')
    const {code, json} = await runStrat(['usage', `--fail-above=${percent}`, '--json'], {cwd: folder})
    expect({code, error: json.error}).toMatchObject({code: 2, error: {code: 'USAGE', suggestions: ['--fail-above 80%']}})
    expect(await snapshot(folder)).toEqual({})
  })
})
