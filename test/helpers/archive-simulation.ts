import {setTimeout} from 'node:timers/promises'
import type {MoveResult} from '../../src/archive/result.ts'
import {StratError} from '../../src/errors.ts'
import {type Bot, makeBot} from './archive-bot.ts'
import {faultsOf, watchDeletions} from './archive-checks.ts'
import {type Pair, rowsIn, usingPair, write} from './archive-pair.ts'
import {Killed, killed, leases, type RunOptions, run} from './archive-simulated-run.ts'

/** What one history came to. */
export type Tally = {
  histories: number
  trades: number
  archived: number
  runs: number
  kills: number
  lost: number
  undecided: number
  errors: Map<string, number>
}

export const emptyTally = (): Tally => ({histories: 0, trades: 0, archived: 0, runs: 0, kills: 0, lost: 0, undecided: 0, errors: new Map()})

/** What a run may rightly end with where replies are lost, others run at the same time, and the bot takes trades back. */
const expected = ['ARCHIVE_RACE', 'ARCHIVE_UNDECIDED', 'DATABASE_UNREACHABLE', 'DATABASE_BUSY']

type Mode = 'plain' | 'no-delete' | 'max-rows' | 'everything'

/** One history: `mode` is what its runs are asked for, or those at its end. */
type History = {pair: Pair; bot: Bot; mode: Mode; random: () => number; tally: Tally}

/**
 * Lives through one random history: runs of the archiver, often two at once, are killed between and inside their steps, lose requests and
 * replies, and a bot writes before each request. In the end nothing is lost, nothing is there twice, no open leg was moved, and the
 * chain is whole. Where a strategy is to be destroyed, everything is moved in the end, while the bot is silent.
 *
 * @throws an error that says what is wrong
 */
export async function simulate(random: () => number, tally: Tally): Promise<void> {
  await usingPair(async (pair) => {
    const bot = makeBot(pair.source, random)
    const mode = (['plain', 'plain', 'no-delete', 'max-rows', 'everything'] as const)[Math.floor(random() * 5)] ?? 'plain'
    const history = {pair, bot, mode, random, tally}
    for (let count = 0; count < 12; count++) bot.act()
    const watched = watchDeletions(pair, {whole: mode === 'plain' || mode === 'everything'})
    const trouble = makeTrouble(history)
    const rounds = 2 + Math.floor(random() * 3)
    for (let round = 0; round < rounds; round++) await Promise.all(Array.from({length: random() < 0.4 ? 2 : 1}, () => runOnce(history)))
    bot.tidyUp()
    if (mode === 'everything') {
      trouble.isSilent = true
      watched.all = true
      await runOnce(history, {everything: true})
    }
    pair.server.watch = () => undefined
    pair.server.faults.length = 0
    await until('Late requests', async () => trouble.underWay === 0)
    await settle(history)
    const faults = [...watched.problems, ...faultsOf(pair, bot, {mayHaveOpen: mode === 'everything'})]
    if (faults.length > 0) throw new Error(`${mode}: ${faults.join('\n')}`)
    tally.histories += 1
    tally.trades += bot.trades.size
    tally.archived += rowsIn(pair, pair.archive, 'SELECT id FROM trade_logs').length
  })
}

/** A run that in half of the cases is killed before or after one of its requests. */
async function runOnce({pair, mode, random, tally}: History, options: RunOptions = {}): Promise<void> {
  tally.runs += 1
  const killAt = random() < 0.5 ? Math.ceil(random() * 18) : Number.POSITIVE_INFINITY
  const kill = {left: killAt, isAfter: random() < 0.5}
  const maxRows = mode === 'max-rows' ? 2 + Math.floor(random() * 12) : undefined
  const noDelete = mode === 'no-delete' && random() < 0.6
  await run(pair, {maxRows, noDelete, ...options}, (database) => killed(database, kill)).catch((error) => {
    if (error instanceof Killed) tally.kills += 1
    else if (error instanceof StratError && expected.includes(error.code)) tally.errors.set(error.code, (tally.errors.get(error.code) ?? 0) + 1)
    else throw error
  })
}

/** The bot writes before each request, and some lose their reply, come late, or never come. */
function makeTrouble({pair: {server}, bot, random, tally}: History): {underWay: number; isSilent: boolean} {
  const trouble = {underWay: 0, isSilent: false}
  server.watch = (line) => {
    if (random() < 0.25 && !trouble.isSilent) bot.act()
    if (random() > 0.06) return
    const fail = (['lose', 'late', 'reset'] as const)[Math.floor(random() * 3)] ?? 'reset'
    tally.lost += 1
    if (fail === 'reset') return void server.faults.push({match: exactly(line), fail})
    trouble.underWay += 1
    server.faults.push({match: exactly(line), fail, afterwards: () => (trouble.underWay -= 1)})
  }
  return trouble
}

const exactly = (line: string) => new RegExp(`^${line.replaceAll(/[?.]/g, '\\$&')}$`)

const isSettled = ({rows, left, recovered}: MoveResult, pair: Pair) => rows === 0 && left.length === 0 && recovered.length === 0 && unsealed(pair).length === 0

const unsealed = (pair: Pair) => rowsIn(pair, pair.archive, 'SELECT batch_id FROM archive_batches WHERE sealed_at IS NULL')

/** Runs until nothing is left to do, as a person would, who also says of trades that nobody else can know of what became of them. */
async function settle({pair, bot, mode, tally}: History): Promise<void> {
  let last: unknown
  let leaseMs = leases.short
  const isDone = async () => {
    const result = await run(pair, {everything: mode === 'everything', leaseMs}, (database) => database).catch((error) => {
      if (!(error instanceof StratError && error.code === 'ARCHIVE_UNDECIDED')) throw error
      tally.undecided += 1
      decide(pair, bot)
    })
    last = {...result, steps: undefined}
    leaseMs = result?.left.some(({reason}) => reason === 'slow') ? leases.long : leases.short
    return result !== undefined && isSettled(result, pair)
  }
  await until('Archiving', isDone).catch((error) => {
    throw new Error(`${mode}: ${error.message}: ${JSON.stringify(last)}`, {cause: error})
  })
}

/** Takes out of unsealed batches what the bot took back. */
const decide = (pair: Pair, {retracted}: Bot) =>
  write(
    pair.archive,
    `DELETE FROM trade_logs WHERE id IN (SELECT value FROM json_each(?))
      AND batch_id IN (SELECT batch_id FROM archive_batches WHERE sealed_at IS NULL)`,
    [JSON.stringify([...retracted])],
  )

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`${what} never ends`)
    await setTimeout(20)
  }
}
