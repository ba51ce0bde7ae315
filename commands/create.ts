import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {StratCommand} from '../src/command.ts'
import type {Context} from '../src/context.ts'
import type {Delivery} from '../src/delivery/deliver.ts'
import {StratError} from '../src/errors.ts'
import {repo} from '../src/flags.ts'
import {plural} from '../src/output/text.ts'
import {askStrategyName} from '../src/prompts.ts'
import {type CreatedStrategy, type CreateInput, createStrategy} from '../src/strategies/create.ts'
import {parseStrategyName} from '../src/strategies/name.ts'
import {type PreviewedStrategy, previewStrategy} from '../src/strategies/preview.ts'

export default class Create extends StratCommand {
  static override summary = "Create a strategy's database and bring it to the latest migration."
  static override description =
    'Safe to run again: an interrupted run is finished, a strategy that is there stays as it is, and a database that strat did not make is never touched.'
  static override examples = [
    '<%= config.bin %> create stage-condor',
    '<%= config.bin %> create live-butterfly --capital 800000 --stop-loss 12000',
    '<%= config.bin %> create archive',
    '<%= config.bin %> create stage-condor --secrets none',
    '<%= config.bin %> create stage-condor --secrets github --repo desk/bots',
  ]
  static override args = {
    strategy: Args.string({
      name: 'NAME',
      description: 'stage-<what it does> or live-<what it does>; or an archive: archive, <name>-archive.',
      ignoreStdin: true,
    }),
  }
  static override flags = {
    template: Flags.string({summary: 'What it starts from: condor, butterfly, blank, archive or your own. Default: the one that its name holds.'}),
    capital: Flags.string({helpValue: 'AMOUNT', summary: "The capital allocated, all of it free margin; replaces the template's."}),
    'stop-loss': Flags.string({helpValue: 'AMOUNT', summary: "The daily stop loss; replaces the template's."}),
    secrets: Flags.option({
      summary:
        "Where the bot's address and token go: GitHub, the file .env.NAME, or nowhere. Default: github on Turso with a repository and a GitHub token, else dotenv; none for an archive.",
      options: ['github', 'dotenv', 'none'] as const,
    })(),
    repo,
    'dry-run': Flags.boolean({summary: 'Say what would be done, and do nothing.'}),
  }

  async run(): Promise<CreatedStrategy | PreviewedStrategy> {
    const {args, flags} = await this.parse(Create)
    const strategy = parseStrategyName(args.strategy ?? (await askStrategyName()))
    const context = await this.context(flags)
    const template = await context.chooseTemplate(strategy, flags.template)
    const input: CreateInput = {
      strategy,
      template,
      isTemplateExplicit: flags.template !== undefined,
      capital: capitalOf(flags, template.kind),
      project: context.project,
    }
    // An archive has no bot.
    const secrets = flags.secrets ?? (strategy.kind === 'archive' ? 'none' : undefined)
    const delivery = secrets === 'none' ? undefined : await context.openDelivery(secrets, {isNew: true})
    return flags['dry-run'] ? this.#preview(context, delivery, input) : this.#create(context, delivery, input)
  }

  async #create({platform, pendingOf, migrate}: Context, delivery: Delivery | undefined, input: CreateInput): Promise<CreatedStrategy> {
    const created = await createStrategy({platform, pendingOf, migrate, delivery, onProgress: this.onProgress}, input)
    this.log(sentences[created.status](created))
    for (const warning of created.warnings) this.warn(warning)
    for (const {path, status} of created.files) this.log(`  ${path} (${status})`)
    const [place] = created.secrets
    if (created.token && place)
      this.log(`  ${place.scope} (${created.token.status === 'kept' ? 'kept' : 'new'} token, until ${created.token.expiresAt.slice(0, 10)})`)
    this.logNext(`Next: strat show ${created.name}`, ...(place ? botSteps(created.url) : []))
    return created
  }

  async #preview({platform, pendingOf}: Context, delivery: Delivery | undefined, input: CreateInput): Promise<PreviewedStrategy> {
    const preview = await previewStrategy({platform, pendingOf, delivery}, input)
    this.log(previews[preview.status](preview))
    for (const {scope, name} of preview.secrets) this.log(`  ${name} into ${scope}`)
    for (const warning of preview.warnings) this.warn(warning)
    return preview
  }
}

/** A file is reached through the local server only. */
const botSteps = (url: string) => [
  '      strat init --bot (a bot to start from)',
  ...(url.startsWith('file:') ? ['      strat dev, in another terminal (what the bot connects to)'] : []),
]

type Sentence = (created: Pick<CreatedStrategy, 'database' | 'template' | 'migrations'>) => string

const sentences: Record<CreatedStrategy['status'], Sentence> = {
  created: ({database, template, migrations}) => `Created ${database} from the template ${template}, with ${plural(migrations.length, 'migration')}.`,
  resumed: ({database, template, migrations}) => `Finished ${database} from the template ${template}, with ${plural(migrations.length, 'migration')}.`,
  existing: ({database}) => `${database} is there already and stays as it is.`,
}

const previews: Record<CreatedStrategy['status'], Sentence> = {
  created: ({database, template, migrations}) => `Would create ${database} from the template ${template}, with ${plural(migrations.length, 'migration')}.`,
  resumed: ({database, template, migrations}) => `Would finish ${database} from the template ${template}, with ${plural(migrations.length, 'migration')}.`,
  existing: sentences.existing,
}

type CapitalFlags = {capital?: string | undefined; 'stop-loss'?: string | undefined}

function capitalOf({capital, 'stop-loss': stopLoss}: CapitalFlags, kind: CreatedStrategy['kind']): NonNullable<CreateInput['capital']> {
  if (kind === 'archive' && (capital ?? stopLoss) !== undefined) {
    throw new StratError('USAGE', 'An archive has no capital.', {suggestions: ['Leave out --capital and --stop-loss.']})
  }
  return {
    ...(capital !== undefined && {capitalAllocated: toAmount('--capital', capital), freeMargin: toAmount('--capital', capital)}),
    ...(stopLoss !== undefined && {dailyStopLoss: toAmount('--stop-loss', stopLoss)}),
  }
}

function toAmount(flag: string, text: string): number {
  if (/^\d{1,15}(\.\d+)?$/.test(text)) return Number(text)
  throw new StratError('USAGE', `${flag} takes an amount of money in digits, not "${text}".`, {
    suggestions: [`${flag} ${/^[\d,_ ]*\d[\d,_ ]*(\.\d+)?$/.test(text) ? text.replaceAll(/[,_ ]/g, '') : '500000'}`],
  })
}
