import { performance } from 'node:perf_hooks'
import { type Command, Option } from 'commander'
import { epochOfGatewayTime } from '../../refund/gateway-time.ts'
import type { ImportSeen, LimitBreach } from '../../refund/observation.ts'
import type { RefundRecord } from '../../refund/record.ts'
import { besideRecord, type Snapshot } from '../../refund/snapshot.ts'
import { transition } from '../../refund/transition.ts'
import { inBulk } from '../bulk.ts'
import { type Actor, actorOf, type ConsentOptions, consent, consentOptions } from '../consent.ts'
import { CommandFault } from '../fault.ts'
import { type Io, say } from '../io.ts'
import { type Format, outputOption, putRows, refundRows } from '../output.ts'
import { type CheckedRefund, checkRefunds, sumOf } from '../refund-check.ts'
import { readRefundFile } from '../refund-file.ts'
import type { LineFormat, RefundLine } from '../refund-lines.ts'
import { policyIn, type Session, withSession } from '../session.ts'
import { counted } from '../text.ts'

interface Options extends ConsentOptions {
  readonly format?: LineFormat
  readonly askOnly?: true
  readonly output: Format
}

export function addImport(program: Command, io: Io): void {
  consentOptions(
    program
      .command('import')
      .summary('take over refunds that another system has begun')
      .description(
        'Takes refunds that are in flight elsewhere into the ledger as `unknown`, without a job: the gateway is asked ' +
          'about each, and what it says settles it. Every refund needs the dt_refund that was sent. Stop the other system ' +
          'first: one that the gateway denies knowing for the full quarantine is sent from here, with the same fields.',
      )
      .argument('<file>', 'NDJSON or CSV (first row: field names), with the fields of enqueue; - reads stdin')
      .addOption(new Option('--format <form>', 'form of the file (default: seen from it)').choices(['ndjson', 'csv']))
      .option('--ask-only', 'never send them from here: what the gateway denies waits for a person'),
  )
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
docs/moving-in.md tells how to move in from another system. When any line is faulty, nothing is imported. Lines that the
ledger has already are left out, so that a file may be imported again.

Examples:
  refundctl import in-flight.csv --dry-run
  refundctl import in-flight.csv --yes --reason "moving in from the old worker"
  refundctl import in-flight.ndjson --ask-only --yes --reason "the old worker still sends"`,
    )
    .action(async (path: string, options: Options) => {
      const actor = actorOf(options)
      const lines = await readRefundFile(io, path, options.format)
      await withSession(io, async (session) => importRefunds(io, session, { lines, options, actor }))
    })
}

interface Import {
  readonly lines: readonly RefundLine[]
  readonly options: Options
  readonly actor: Actor
}

async function importRefunds(io: Io, session: Session, { lines, options, actor }: Import): Promise<void> {
  const { settings, now } = session
  const merchants = new Map(settings.merchants.map((merchant) => [merchant.oid_partner, merchant]))
  const checked = checkRefunds(lines, { merchants, policy: settings.policy, now })
  const imports = checked.refunds.map(
    (refund): Imported => ({ refund, seen: seenFrom(session, refund, options, actor) }),
  )
  const { fresh, known, conflicts } = await weigh(io, session, imports)
  const undated = checked.refunds.filter(({ parsed }) => !parsed.dated)
  const faults = [
    ...checked.faults,
    ...undated.map(({ line }) => `line ${line}: dt_refund: required, the one that was sent`),
    ...conflicts,
  ]
  for (const fault of [...faults, ...checked.warnings]) say(io, fault)
  for (const line of [...checked.repeated, ...known]) say(io, `${line}; left out`)
  if (faults.length > 0) throw new CommandFault(`${counted(faults.length, 'fault')}; nothing was imported`)
  const sum = sumOf(fresh.map(({ refund }) => refund))
  if (options.dryRun) say(io, `dry run: would import ${sum}; nothing was imported`)
  else {
    if (fresh.length > 0) await consent(io, options, `import ${sum}?`)
    await take(io, session, fresh, options.output)
  }
}

interface Imported {
  readonly refund: CheckedRefund
  readonly seen: ImportSeen
}

function seenFrom({ now }: Session, { parsed }: CheckedRefund, options: Options, actor: Actor): ImportSeen {
  const at = Math.min(now, epochOfGatewayTime(parsed.request.dt_refund) ?? now)
  return { type: 'import', at, parsed, askOnly: options.askOnly === true, ...actor }
}

/** What would become of each, by the same rules as when it is done. */
async function weigh(io: Io, session: Session, imports: readonly Imported[]) {
  const [fresh, known, conflicts]: [Imported[], string[], string[]] = [[], [], []]
  await inBulk(io, imports, bulk('looked up', 100), async (imported) => {
    const { line, parsed } = imported.refund
    const snapshot = await session.ledger.read(parsed.identity)
    const policy = policyIn(session.settings, parsed.identity.oid_partner)
    const seen = withKnown(imported.seen, snapshot, [])
    const decision = transition(snapshot.record, seen, policy, { now: snapshot.now, random: 0 })
    if (decision.kind === 'commit') fresh.push(imported)
    else if (decision.kind === 'keep') known.push(`line ${line}: ${decision.note}`)
    else if (decision.kind === 'refuse') conflicts.push(`line ${line}: ${decision.faults.join('; ')}`)
  })
  return { fresh, known, conflicts }
}

function withKnown(seen: ImportSeen, snapshot: Snapshot, breaches: readonly LimitBreach[]): ImportSeen {
  return { ...seen, ...besideRecord(snapshot), breaches }
}

async function take(io: Io, session: Session, imports: readonly Imported[], output: Format): Promise<void> {
  const { settings, now } = session
  const taken: { readonly refund: CheckedRefund; readonly record: RefundRecord }[] = []
  const others: string[] = []
  let finished = 0
  try {
    finished = await inBulk(io, imports, bulk('imported', 16), async ({ refund, seen }) => {
      const { decision, record } = await session.decide(refund.parsed.identity, (snapshot, breaches) =>
        withKnown(seen, snapshot, breaches),
      )
      if (decision.kind === 'commit' && record) taken.push({ refund, record })
      else others.push(`line ${refund.line} changed meanwhile: import the file again`)
    })
  } finally {
    const records = taken.map(({ record }) => record)
    await putRows(io, output, refundRows(now, settings.merchants.length > 1), records)
    for (const line of others) say(io, line)
    say(io, `imported ${sumOf(taken.map(({ refund }) => refund))}`)
  }
  if (finished < imports.length) throw new CommandFault(`stopped: ${imports.length - finished} were not imported`)
  if (others.length > 0) throw new CommandFault(`${counted(others.length, 'refund')} not imported`)
}

const bulk = (done: string, concurrency: number) => ({ done, concurrency, monotonic: () => performance.now() })
