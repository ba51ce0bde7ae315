import {expect, test} from 'vitest'
import {race} from '../helpers/race.ts'
import {usingTursoServer} from '../helpers/turso-server.ts'

test.for([
  ['their reports together say what became of them', 0],
  ['with replies that are lost and hosts that start anew', 0.03],
] as const)(
  'sixteen runners migrate and undo four databases at once: each migration is applied once or not at all; %s',
  {timeout: 120_000},
  async ([, losses]) => {
    await usingTursoServer(async (server) => {
      const tally = await race(server, {databases: 4, runners: 16, random: Math.random, losses})
      expect(tally.get('applied')).toBeGreaterThan(0)
    })
  },
)
