import type {GroupMember, PreparedRevocation} from '../tokens/blast-radius.ts'
import type {RevokedStrategy, RevokeResult} from '../tokens/revoke.ts'
import type {Report} from './report.ts'
import {placesIn} from './rotate-report.ts'
import {plural, someOf} from './text.ts'

/** What a person is told before tokens are revoked: whom it reaches. */
export function blastRadius({target, members, unfinished}: PreparedRevocation): string[] {
  const line = (what: string, isMeant: (member: GroupMember) => boolean) => {
    const names = members.filter(isMeant).map(({database}) => database.name)
    return names.length > 0 ? [`  ${plural(names.length, 'database')} ${what}: ${someOf(names, 20)}`] : []
  }
  return [
    ...(unfinished ? [`Going on with the revocation of ${unfinished.target} that began at ${unfinished.startedAt}.`] : []),
    `Every token of ${target.name} dies, and with it may die every token of the group ${target.group}:`,
    ...line('whose bots get new tokens, and take no writes meanwhile', ({isServed}) => isServed),
    ...line('of ours without secrets in the store, whose tokens are not replaced', ({kind, isServed}) => isOurs(kind) && !isServed),
    ...line('not made by strat, whose tokens are not replaced', ({kind}) => kind === 'unmarked'),
    ...line('that cannot be read now, and whose bots may stay without a token', ({kind}) => kind === 'unreadable'),
  ]
}

const isOurs = (kind: GroupMember['kind']) => kind === 'strategy' || kind === 'archive'

/** A revocation as a table, warnings and next steps. */
export function revokeReport({target, strategies, dead, unaffected, unmarked, warnings, resumed, finished}: RevokeResult): Report {
  const deadUnmarked = unmarked.filter((name) => !unaffected.includes(name))
  return {
    table: {headers: ['NAME', 'STATUS', 'EXPIRES', 'DETAIL'], rows: strategies.map(rowOf)},
    warnings: [
      ...warnings.map((warning) => ({warning, hints: []})),
      ...strategies.flatMap((strategy) => (strategy.status === 'failed' ? [{warning: `${strategy.name}: ${strategy.reason}`, hints: []}] : [])),
      ...(deadUnmarked.length > 0
        ? [{warning: `${plural(deadUnmarked.length, 'database')} not made by strat may need new tokens: ${someOf(deadUnmarked)}`, hints: []}]
        : []),
    ],
    next: [
      ...placesIn(strategies),
      ...(dead.length > 0 ? [`Proven dead${resumed ? ' then' : ''}: every token from before of ${someOf(dead)}.`] : []),
      ...(unaffected.length > 0 ? [`Not reached: the tokens of ${someOf(unaffected)}.`] : []),
      finished ? 'Next: start the bots again that hold an old token.' : `Next: strat rotate ${target} --revoke, which goes on where this ended.`,
    ],
  }
}

const rowOf = (strategy: RevokedStrategy): string[] => [
  strategy.name,
  strategy.status,
  strategy.expiresAt?.slice(0, 10) ?? '',
  strategy.status === 'failed' ? strategy.code : '',
]
