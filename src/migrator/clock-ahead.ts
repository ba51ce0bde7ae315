import {serially} from '../serially.ts'

/** There is one clock in a process, so whoever moves it waits for whoever did before. */
const inTurn = serially()

/** Runs work while the clock of this process is ahead, for finding out whether it looks; of several at once one after the other. */
export const withClockAhead = <T>(ms: number, work: () => Promise<T>): Promise<T> => inTurn('clock', () => moveClock(ms, work))

async function moveClock<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const RealDate = globalThis.Date
  const now = () => RealDate.now() + ms
  // A proxy and no subclass, so that dates made before are still instances of it.
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  })
  if (ms > 0) globalThis.Date = ShiftedDate
  try {
    return await work()
  } finally {
    globalThis.Date = RealDate
  }
}
