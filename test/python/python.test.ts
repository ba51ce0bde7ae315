import {spawnSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {projectRoot} from '../helpers/strat.ts'

test('the Python store passes its own tests, without a warning', {timeout: 120_000}, () => {
  const env = {...process.env, PYTHONPATH: 'templates/python', PYTHONDONTWRITEBYTECODE: '1'}
  const run = spawnSync('python3', ['-W', 'error', '-m', 'unittest', 'discover', '-s', 'test/python'], {cwd: projectRoot, env, encoding: 'utf8'})
  expect(run.stderr).toMatch(/Ran \d{2,} tests in .*\n\nOK\n$/)
  expect(run.status).toBe(0)
})
