import { tmpdir } from 'node:os'
import { performance } from 'node:perf_hooks'
import { type Command, Option } from 'commander'
import type { Known } from '../../books/compare.ts'
import { DIFFERENCE_KINDS, type Totals } from '../../books/difference.ts'
import { type OurBooks, reconcile } from '../../books/reconcile.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { RefundRecord } from '../../refund/record.ts'
import { progressLine } from '../bulk.ts'
import { actorOf, type ConsentOptions } from '../consent.ts'
import { DIFFERENCE_FORMS, type DifferenceForm, differencesTo } from '../differences-to.ts'
import { CommandFault } from '../fault.ts'
import { type Io, say } from '../io.ts'
import { learn } from '../learn.ts'
import { openOffer } from '../offer.ts'
import { openReports } from '../report-files.ts'
import { type Session, withSession } from '../session.ts'
import { counted, shownYuan } from '../text.ts'
import { fenOf } from '../view.ts'

interface Options extends Omit<ConsentOptions, 'yes'> {
  readonly learn?: true
  readonly offer?: string
  readonly accept?: true
  readonly output: DifferenceForm
}

export function addReconcile(program: Command, io: Io): void {
  program
    .command('reconcile')
    .summary("compare our books with LianLian's reports")
    .description(
      "Compares LianLian's daily or monthly reports with the ledger: every refund in them, and every refund that " +
        'succeeded for us on their days. The differences are the data; their number goes to the metrics and the alert. ' +
        'Exit code 1 when there is any.',
    )
    .argument('<file...>', 'JYMX_<oid_partner>_<yyyyMMdd or yyyyMM>.txt')
    .option('--learn', 'take what only LianLian has as paid for a notification: its number is never paid by us as well')
    .option('--offer <path>', '--learn, and write refunds that only LianLian has to a new file, for refundctl enqueue')
    .option('--accept', 'a person has seen to the differences: they end the alert; needs --reason')
    .option('--reason <text>', 'why they are accepted; kept in the list of operations with your name')
    .option('--as <name>', 'act under this name (default: <user>@<host>)')
    .option('--dry-run', 'compare only: neither metrics nor alert nor ledger learn of it, and nothing is offered')
    .addOption(new Option('-o, --output <form>', 'form of the data').choices(DIFFERENCE_FORMS).default('table'))
    .addHelpText(
      'after',
      `
docs/books.md tells what each difference means, and what to do about it.

Examples:
  refundctl reconcile JYMX_201103171000000000_20261121.txt
  refundctl reconcile reports/JYMX_*_202611*.txt -o csv > differences.csv
  refundctl reconcile JYMX_201103171000000000_2026112*.txt --learn
  refundctl reconcile JYMX_201103171000000000_20261121.txt --offer by-hand.ndjson
  refundctl reconcile JYMX_201103171000000000_20261121.txt --accept --reason "LianLian's ticket 4711"`,
    )
    .action(async (paths: string[], options: Options) => {
      const actor = options.accept ? actorOf(options) : undefined
      await withSession(io, async (session) => {
        // until all is told nobody may take it for books that agree, also where the reader of the data goes away
        process.exitCode = 1
        const { totals, differences } = await compare(io, session, paths, options)
        if (actor && !options.dryRun) {
          await keep(session, totals, true)
          const action = `accept ${counted(differences, 'difference')} in ${totals.map(({ file }) => file).join(' ')}`
          await session.ledger.operated({ at: session.now, action, ...actor })
        }
        if (differences > 0) throw new CommandFault(`${counted(differences, 'difference')}; see docs/books.md`)
        say(io, 'the books agree')
        process.exitCode = 0
      })
    })
}

/** Compares and tells; metrics learn of it before the reader of the data can end the program. */
async function compare(io: Io, session: Session, paths: readonly string[], options: Options) {
  const { ledger, settings } = session
  const files = openReports(paths, settings.merchants)
  const offer = options.offer === undefined || options.dryRun ? undefined : openOffer(options.offer)
  const learns = !options.dryRun && (options.learn === true || offer !== undefined)
  let differences = 0
  const found = differencesTo(io, options.output)
  const progress = progressLine(io, () => performance.now())
  // ends by `exit`, so that what was put aside on disk is removed
  const end = () => process.exit(130)
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  try {
    const totals = await reconcile({
      files,
      ours: booksOf(ledger),
      folder: tmpdir(),
      onProgress: (step, done, all) => progress.show(`${STEPS[step]} ${bar(done, all)}`),
      onDifference: async (difference) => {
        differences += 1
        const known = learns && (await learn(session, difference))
        if (difference.kind === 'theirs_only' && !known) offer?.add(difference)
        await found.add(difference)
      },
    })
    progress.end()
    if (!options.dryRun && !options.accept) await keep(session, totals, false)
    await found.end(totals)
    for (const total of totals) tell(io, total)
    if (offer) {
      for (const reason of offer.left) say(io, `not offered: ${reason}`)
      say(io, `offered ${counted(offer.taken, 'refund')} in ${options.offer ?? ''}`)
    }
    return { totals, differences }
  } finally {
    progress.end()
    offer?.close()
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}

const STEPS = { read: 'reading reports', ledger: 'reading the ledger', compare: 'comparing' } as const
const BAR = 24

function bar(done: number, all: number): string {
  const share = all === 0 ? 1 : Math.min(1, done / all)
  const full = Math.round(share * BAR)
  return `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}] ${Math.floor(share * 100)}%`
}

function booksOf(ledger: Ledger): OurBooks {
  return {
    countSettledSince: async (since) => ledger.countSettledSince(since),
    settledIn: (periods, since) => ledger.settledIn(periods, since),
    async lookUp(ids) {
      const records = await ledger.lookUp(ids)
      return records.map((record) => (typeof record === 'object' ? knownOf(record) : record))
    },
  }
}

function knownOf(record: RefundRecord): Known {
  const { settle_date } = record.answer
  return {
    state: record.state,
    fen: fenOf(record) ?? 0,
    ...(settle_date !== undefined && { settle_date }),
    ...(record.event && { learned: record.event.time }),
  }
}

function tell(io: Io, total: Totals): void {
  const { file, lines, refunds, refunds_fen, matched, matched_fen } = total
  const found = DIFFERENCE_KINDS.filter((kind) => total.differences[kind] > 0)
  say(
    io,
    `${file}: ${counted(lines, 'line')}, of these ${counted(refunds, 'refund')} of ${shownYuan(refunds_fen)} yuan`,
  )
  say(io, `  matched ${counted(matched, 'refund')}, ${shownYuan(matched_fen)} yuan`)
  for (const kind of found) say(io, `  ${kind} ${total.differences[kind]}`)
}

/** What metrics and alert learn. */
async function keep({ ledger, now }: Session, totals: readonly Totals[], accepted: boolean): Promise<void> {
  const accounts = new Set(totals.map(({ oid_partner }) => oid_partner))
  for (const oid_partner of accounts) {
    const own = totals.filter((total) => total.oid_partner === oid_partner)
    const found = own.map(({ period, differences, twice_in }) => {
      const some = Object.entries(differences).filter(([, count]) => count > 0)
      return { period, differences: accepted ? {} : Object.fromEntries(some), twice_in: accepted ? [] : twice_in }
    })
    await ledger.keepCompared({ oid_partner, at: now, found })
  }
}
