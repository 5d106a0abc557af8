import { type Command, Option } from 'commander'
import { actorOf, type ConsentOptions, consent, consentOptions } from '../consent.ts'
import { addRefunds } from '../enqueueing.ts'
import { CommandFault, wrongUsage } from '../fault.ts'
import { type Io, say } from '../io.ts'
import { type Format, outputOption, putRows } from '../output.ts'
import { type CheckedRefund, checkRefunds, sumOf } from '../refund-check.ts'
import { readRefundFile } from '../refund-file.ts'
import { type LineFormat, type RefundLine, readLines } from '../refund-lines.ts'
import { type Session, withSession } from '../session.ts'
import { standingOf } from '../standing.ts'
import { counted, shownYuan } from '../text.ts'

/** The fields of a job, each an option of its own name. */
const FIELDS = {
  no_refund: 'the refund number, one for ever',
  money_refund: 'yuan, such as 200.01',
  no_order: 'number of the order; this or --oid_paybill',
  oid_paybill: "LianLian's number of the payment",
  oid_partner: 'the merchant (default: the configured one)',
  dt_refund: 'yyyyMMddHHmmss in UTC+8 (default: now)',
  dt_order: 'yyyyMMddHHmmss of the order',
  order_amount: 'yuan; all refunds of the order together may not exceed it',
  kind: 'domestic (default) or exchange',
  notify_url: 'where the gateway notifies (default: the setting of the workers)',
} as const
type Field = keyof typeof FIELDS

interface Options extends ConsentOptions, Partial<Readonly<Record<Field, string>>> {
  readonly metadata?: Readonly<Record<string, string>>
  readonly file?: string
  readonly format?: LineFormat
  readonly skipFaulty?: true
  readonly output: Format
}

export function addEnqueue(program: Command, io: Io): void {
  const command = program
    .command('enqueue')
    .summary('ask for refunds')
    .description(
      'Puts refunds on the queue: one by options or as JSON, or many from a file of NDJSON or CSV. ' +
        'Refunds that the ledger has already are left out. When any line of a file is faulty, nothing is added.',
    )
    .argument('[json]', 'one refund as a JSON object')
  for (const [name, meaning] of Object.entries(FIELDS)) command.option(`--${name} <${name}>`, meaning)
  consentOptions(
    command
      .addOption(new Option('--metadata <key=value...>', 'comes back on the completion event').argParser(metadataOf))
      .option('--file <path>', 'NDJSON or CSV (first row: field names); - reads stdin')
      .addOption(new Option('--format <form>', 'form of the file (default: seen from it)').choices(['ndjson', 'csv']))
      .option('--skip-faulty', 'add the good lines of a file although others are faulty'),
  )
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
A file at a terminal is asked about first; elsewhere it is added without a question. With --reason the fleet's list of
operations remembers who added how much.

Examples:
  refundctl enqueue --no_refund 2013051500001 --money_refund 200.01 --no_order 2013051500009
  refundctl enqueue '{"no_refund":"2013051500002","money_refund":"5.00","no_order":"2013051500010"}'
  refundctl enqueue --file refunds.csv --dry-run
  refundctl enqueue --file refunds.ndjson --yes --reason "recall of batch 12"`,
    )
    .action(async (json: string | undefined, options: Options) => {
      const lines = await linesOf(io, json, options)
      await withSession(io, async (session) => enqueue(io, session, lines, options))
    })
}

/** The default `notify_url` is a setting of the workers; one that is missing there fails the job. */
const KNOWN_TO_WORKERS = 'https://default.invalid/'

async function enqueue(io: Io, session: Session, lines: readonly RefundLine[], options: Options): Promise<void> {
  const { settings, now, ledger } = session
  const { file, skipFaulty = false, dryRun, output, reason } = options
  const many = file !== undefined
  const merchants = new Map(
    settings.merchants.map((merchant) => [merchant.oid_partner, { notifyUrl: KNOWN_TO_WORKERS, ...merchant }]),
  )
  const checked = checkRefunds(lines, { merchants, policy: settings.policy, now })
  const { fresh: refunds, known, conflicts } = await standingOf(io, session, checked.refunds)
  const faults = [...checked.faults, ...conflicts]
  const leftOut = [...checked.repeated, ...known].map((line) => `${line}; left out`)
  // one refund has no lines that these could stand on
  for (const line of [...faults, ...checked.warnings, ...leftOut]) say(io, many ? line : line.replace(/^line 1: /, ''))
  if (faults.length > 0 && !skipFaulty) throw new CommandFault(`${counted(faults.length, 'fault')}; nothing was added`)
  const sum = sumOf(refunds)
  if (dryRun) {
    await putRows(io, output, ROWS, refunds)
    say(io, `dry run: would add ${sum}; nothing was added`)
  } else {
    if (many && io.stdin.isTTY) await consent(io, options, `add ${sum}?`)
    await addRefunds(io, session, refunds, { form: output, rows: ROWS, skipFaulty })
    if (reason !== undefined) await ledger.operated({ at: now, action: `enqueue ${sum}`, ...actorOf(options) })
  }
  if (faults.length > 0) throw new CommandFault(`${counted(faults.length, 'fault')}; those lines were left out`)
}

const ROWS = {
  columns: () => [
    { title: 'NO_REFUND', text: ({ data }: CheckedRefund) => data.no_refund },
    { title: 'YUAN', right: true, text: ({ parsed }: CheckedRefund) => shownYuan(parsed.request.fen) },
  ],
  json: ({ data }: CheckedRefund) => data,
}

async function linesOf(io: Io, json: string | undefined, options: Options): Promise<readonly RefundLine[]> {
  const { file, format, metadata } = options
  const fields = Object.keys(FIELDS).flatMap((name): [string, string][] => {
    const value: unknown = Reflect.get(options, name)
    return typeof value === 'string' ? [[name, value]] : []
  })
  const ways = [json !== undefined, file !== undefined, fields.length > 0 || metadata !== undefined]
  if (ways.filter(Boolean).length !== 1) {
    throw wrongUsage('enqueue: give one refund by options, or one as JSON, or --file')
  }
  if (json !== undefined) return readLines(json.replaceAll('\n', ' '), 'ndjson')
  if (file === undefined) return [{ line: 1, data: { ...Object.fromEntries(fields), ...(metadata && { metadata }) } }]
  return readRefundFile(io, file, format)
}

function metadataOf(pair: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [key = '', ...rest] = pair.split('=')
  if (key === '' || rest.length === 0) throw wrongUsage(`--metadata: expected key=value, got ${pair}`)
  return { ...before, [key]: rest.join('=') }
}
