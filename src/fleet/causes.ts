/** Failures that have the same cause: how many, and one of them with its own reason. */
export type Cause = {reason: string; count: number; example: string}

/** Groups failures whose reasons differ in nothing but the name of the database itself; most frequent first, the first of each as its example. */
export function causesOf(failures: {name: string; reason: string}[]): Cause[] {
  const causes = Map.groupBy(failures, ({name, reason}) => reason.replaceAll(name, '\0'))
  return [...causes.values()]
    .flatMap((alike) => alike.slice(0, 1).map(({name, reason}) => ({reason, count: alike.length, example: name})))
    .sort((a, b) => b.count - a.count)
}
