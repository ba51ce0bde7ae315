// npm run soak -- --seed 1 --minutes 10: random histories of archiving, with kills, lost replies and a bot that writes meanwhile, until the time is over.
import {parseArgs} from 'node:util'
import {emptyTally, simulate} from '../test/helpers/archive-simulation.ts'
import {randomOf} from '../test/helpers/random.ts'

const {values} = parseArgs({options: {minutes: {type: 'string', default: '10'}, seed: {type: 'string', default: String(Date.now() % 1e9)}}})
const end = performance.now() + Number(values.minutes) * 60_000
const tally = emptyTally()
/** Most of the time of a history is waiting. */
const atOnce = 8

console.log(`seed ${values.seed}: ${values.minutes} minutes, ${atOnce} histories at once`)
let next = Number(values.seed)
async function live(): Promise<void> {
  while (performance.now() < end) {
    const seed = next++
    await simulate(randomOf(seed), tally).catch((error) => {
      throw new Error(`The history of seed ${seed}: ${error.message}`, {cause: error})
    })
  }
}
await Promise.all(Array.from({length: atOnce}, live))
const {errors, ...figures} = tally
console.table({...figures, ...Object.fromEntries(errors)})
console.log(
  `${tally.trades} trades through ${tally.kills} kills and ${tally.lost} lost requests or replies: each exactly once, no open leg moved, every chain whole`,
)
