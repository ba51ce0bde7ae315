import {styleText} from 'node:util'
import {Command} from '@oclif/core/command'
import type {Config} from '@oclif/core/interfaces'
import {type Context, createContext} from './context.ts'
import {platformFlags} from './flags.ts'
import {maskInActions} from './output/bot-environment.ts'
import {reportError} from './output/error.ts'
import {progressReporter} from './output/progress.ts'
import type {Report} from './output/report.ts'
import {formatTable} from './output/table.ts'
import {harmless} from './output/text.ts'
import type {OnProgress} from './progress.ts'
import type {SettingFlags} from './settings.ts'

/** What all commands share: `--json`, errors that hold no secret, progress on stderr, the way to the platform. */
export abstract class StratCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags: typeof platformFlags = platformFlags

  /** As oclif's own, but a configuration that is handed over is used as it is: oclif loads it once more (2 ms of each start). */
  static override async run<T extends Command>(
    this: new (
      argv: string[],
      config: Config,
    ) => T,
    argv?: string[],
    options?: Parameters<typeof Command.run>[1],
  ): Promise<ReturnType<T['run']>> {
    if (typeof options !== 'object' || !('runHook' in options)) return Command.run.call(this, argv, options) as Promise<ReturnType<T['run']>>
    return (new this(argv ?? [], options) as T & {_run(): Promise<ReturnType<T['run']>>})._run()
  }

  readonly #progress = progressReporter(process.stderr)
  /** Shows what a use case is doing, on stderr; nothing where a program reads the answer. */
  protected readonly onProgress: OnProgress = (progress) => {
    if (!this.jsonEnabled()) this.#progress.onProgress(progress)
  }

  /** Takes the progress out of the way of a question, which is asked on the same line. */
  protected clearProgress(): void {
    this.#progress.clear()
  }

  /** Reads the settings and puts together what the use cases work with. */
  protected context(flags: SettingFlags): Promise<Context> {
    return createContext({cwd: process.cwd(), env: process.env, flags, onMinted: maskInActions})
  }

  protected logTable(headers: string[], rows: string[][], {numbers = false} = {}): void {
    // Ten thousand rows take their time, and a program gets none of them.
    if (!this.jsonEnabled()) this.log(formatTable(headers, rows, {aligned: process.stdout.isTTY, numbers}))
  }

  /** Prints what became of a fleet. */
  protected logReport({table, warnings, next}: Report): void {
    this.logTable(table.headers, table.rows)
    for (const {warning, hints} of warnings) {
      this.warn(warning)
      this.logNext(...hints)
    }
    this.logNext(...next)
  }

  /** What a person may want to do next; not for pipes, which want the answer alone. */
  protected logNext(...lines: string[]): void {
    if (this.jsonEnabled() || lines.length === 0) return
    this.#progress.clear()
    process.stderr.write(`${lines.map(harmless).join('\n')}\n`)
  }

  /** Straight to stdout: a user's file may not write there by `console.log`, which is what oclif would take. */
  override log(message = ''): void {
    if (this.jsonEnabled()) return
    this.#progress.clear()
    process.stdout.write(`${message}\n`)
  }

  override logJson(json: unknown): void {
    this.#progress.clear()
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`)
  }

  /** A line on stderr; a script finds it in the JSON, where the result has one. oclif's own breaks it into several. */
  override warn(input: Error | string): Error | string {
    if (this.jsonEnabled()) return input
    this.#progress.clear()
    process.stderr.write(`${styleText('yellow', 'Warning:', {stream: process.stderr})} ${harmless(input instanceof Error ? input.message : input)}\n`)
    return input
  }

  override async finally(): Promise<void> {
    this.#progress.clear()
  }

  override async catch(error: unknown): Promise<void> {
    this.#progress.clear()
    process.exitCode = reportError(error, {json: this.jsonEnabled(), bin: `${this.config.bin} ${this.id?.replaceAll(':', ' ') ?? ''}`.trim()})
  }
}
