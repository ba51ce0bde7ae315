import {expect} from 'vitest'
import type {HostileDesk, SignIn} from './hostile-desk.ts'
import type {Hostility} from './hostile-proxy.ts'
import {filesIn} from './leaks.ts'

/** What a server that turned hostile answers. */
export type Answer = Pick<Hostility, 'answer' | 'times'>

/** A command, and what it is run against. */
export type Command = {
  args: string
  signIn?: SignIn
  /** Which servers turn hostile, and how. */
  on: (keyof typeof requests)[]
  answers: Answer[]
  /** What has to be there for it: made once, or for each run where it takes it away. */
  before?: string
  isDestructive?: true
  input?: 'platform token'
  /** It prints the token that was asked for. */
  answersToken?: true
  /** Some of the files that it writes, which must be among those that are searched. */
  writes?: string[]
}

/** The requests to each of them. */
const requests = {api: / \/v1\//, databases: / \/dev\//, github: / \//}

/** What somebody could read: where it was, and its text. */
export type Text = {place: string; text: string}

/** What a command shows of itself against every hostility, then as it should be; every second run as JSON, and in GitHub Actions. */
export async function runHostilely(desk: HostileDesk, command: Command): Promise<{texts: Text[]; hits: number}> {
  const {args, isDestructive, input, answersToken} = command
  const texts: Text[] = []
  const run = async (title: string, isOdd: boolean) => {
    const inActions = isOdd || args.includes('github')
    const {code, stdout, stderr} = await desk.run([...args.split(' '), ...(isOdd ? ['--json'] : [])], {inActions, ...(input && {input})})
    for (const [stream, text] of Object.entries({stdout, stderr})) {
      // GitHub shows no such line, and hides from there on what is in it.
      const shown = inActions ? text.replace(/^::add-mask::.*\n/gm, '') : text
      texts.push({place: `${stream}, ${title}`, text: answersToken && stream === 'stdout' ? withoutBotToken(shown) : shown})
    }
    return code
  }
  const prepare = async () => {
    if (command.before !== undefined) expect((await desk.run(command.before.split(' '))).code).toBe(0)
  }
  await prepare()
  for (const [index, {match, on, answer, times}] of hostilitiesOf(command).entries()) {
    if (isDestructive) await prepare()
    desk[on].hostility = {match, answer, times}
    await run(`${match} ${JSON.stringify(answer)}`, index % 2 === 1)
    desk[on].hostility = undefined
  }
  for (const isOdd of [false, true]) {
    if (isDestructive) await prepare()
    expect(await run('all is well', isOdd)).toBe(0)
  }
  return {texts, hits: desk.turso.hits + desk.github.hits}
}

/** Each way in which each of its servers is hostile. */
export function hostilitiesOf({on, answers}: Command): (Hostility & {on: 'turso' | 'github'})[] {
  return on.flatMap((where) => answers.map((each) => ({...each, match: requests[where], on: where === 'github' ? ('github' as const) : ('turso' as const)})))
}

/** All that was written, without what is meant to be in a file that is for its owner only; and what processes were started with. */
export async function filesToSearch(folder: string): Promise<Text[]> {
  const files = await filesIn(folder)
  return files.map(({path, mode, content}) => ({place: path, text: holders.find(({file}) => file.test(`${mode} ${path}`))?.without(content) ?? content}))
}

const withoutBotToken = (text: string) => text.replace(/(TURSO_AUTH_TOKEN\W{1,4})[\w.-]+/g, '$1')

const holders = [
  // The runner made it, and hands it to nobody but the steps of the job.
  {file: /^600 \.env\.stage-condor$| home\/github-env$/, without: withoutBotToken},
  {file: /^600 home\/strat\/credentials\.json$/, without: (text: string) => text.replace(/"[\w-]{43}"/g, '')},
]
