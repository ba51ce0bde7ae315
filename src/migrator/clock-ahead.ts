/**
 * Runs work that finds the clock ahead, for finding out whether it looks. Only that work does: what goes on beside it, such as
 * the claims on other databases, has the right time.
 */
export async function withClockAhead<T>(ms: number, work: () => Promise<T>): Promise<T> {
  if (ms === 0) return work()
  const {AsyncLocalStorage} = await import('node:async_hooks')
  const inside = new AsyncLocalStorage<true>()
  const RealDate = globalThis.Date
  const now = () => RealDate.now() + (inside.getStore() ? ms : 0)
  // A proxy and no subclass, so that dates made before are still instances of it.
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  })
  globalThis.Date = ShiftedDate
  try {
    return await inside.run(true, work)
  } finally {
    // Another one that has begun meanwhile has its own around this one, which gives the right time from here on.
    if (globalThis.Date === ShiftedDate) globalThis.Date = RealDate
  }
}
