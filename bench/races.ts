// npm run races -- --rounds 50 --seed 1: runners that migrate and undo the same databases at the same time, until a thousand races have run.
import {parseArgs} from 'node:util'
import {type RaceTally, race} from '../test/helpers/race.ts'
import {randomOf} from '../test/helpers/random.ts'
import {usingTursoServer} from '../test/helpers/turso-server.ts'

const {values} = parseArgs({options: {rounds: {type: 'string', default: '50'}, seed: {type: 'string', default: String(Date.now() % 1e9)}}})
const rounds = Number(values.rounds)
const databases = 20
const runners = 16

const tally: RaceTally = new Map()
const begin = performance.now()
console.log(`seed ${values.seed}: ${rounds} rounds of ${databases} databases, ${runners} runners over each, every other round with lost replies`)
for (let round = 0; round < rounds; round++) {
  const random = randomOf(Number(values.seed) + round)
  await usingTursoServer(async (server) => {
    for (const [outcome, count] of await race(server, {databases, runners, random, losses: round % 2 === 0 ? 0 : 0.03})) {
      tally.set(outcome, (tally.get(outcome) ?? 0) + count)
    }
  }).catch((error) => {
    throw new Error(`Round ${round} of seed ${values.seed}`, {cause: error})
  })
}
console.table(Object.fromEntries(tally))
console.log(
  `${rounds * databases} races in ${Math.round((performance.now() - begin) / 1000)} s: nothing applied twice or half, no unexpected error, reports true, no wedge`,
)
