import { gatewayDay } from '../refund/gateway-time.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { State } from '../refund/record.ts'
import type { Difference, Said } from './difference.ts'
import { covers, type Report } from './report.ts'
import type { TheirRefund } from './report-line.ts'

/** A report that is being compared, and the file that it is in. */
export interface OpenReport extends Report {
  readonly file: string
}

/** A line of theirs, with the report that it stands in. */
export interface TheirEntry extends TheirRefund {
  readonly report: OpenReport
  readonly line: number
}

/** A refund that succeeded for us. */
export interface OurRefund extends RefundIdentity {
  readonly fen: number
  readonly settle_date?: string
  /** when we learned it, epoch ms */
  readonly settled_at: number
}

/** What our books have under a number; `forgotten` when that was too long ago. */
export type Known = KnownRefund | 'forgotten' | undefined

interface KnownRefund extends Said {
  readonly state: State
  /** when we learned of its end, epoch ms; given where no report of its day is among those compared */
  readonly learned?: number
}

/** What became of a number, with every line of it. */
export type Compared = { readonly entries: readonly TheirEntry[] } & (
  | { readonly matched: TheirEntry }
  | { readonly difference: Difference }
)

const DAY_MS = 86_400_000

/** The lines of one number against what is known of it. */
export function compareEntries(entries: readonly [TheirEntry, ...TheirEntry[]], known: Known): Compared {
  const [entry] = entries
  const { report, no_refund, line: _line, ...theirs } = entry
  const difference = (kind: Difference['kind'], note?: string): Compared => ({
    entries,
    difference: {
      kind,
      oid_partner: report.oid_partner,
      no_refund,
      file: report.file,
      lines: entries.filter((each) => each.report === report).map((each) => each.line),
      theirs,
      ...(known !== undefined && known !== 'forgotten' && { ours: saidOf(known) }),
      ...(note !== undefined && { note }),
    },
  })
  if (entries.length > 1) return difference('twice', twiceNote(entries))
  if (known === undefined) return difference('theirs_only')
  if (known === 'forgotten') return difference('forgotten', 'settled so long ago that only the number is known')
  if (known.state !== 'succeeded') return difference('state_differs')
  if (known.fen !== theirs.fen) return difference('amount_differs')
  const { settle_date, learned } = known
  if (settle_date === undefined ? isFar(theirs.settle_date, learned) : settle_date !== theirs.settle_date) {
    return difference('date_differs', learned === undefined ? undefined : otherDay(settle_date, learned))
  }
  return { matched: entry, entries }
}

function saidOf({ learned: _learned, ...said }: KnownRefund) {
  return said
}

/** A day of settlement that was never told is that of which we learned, or one beside it. */
function isFar(day: string, learned: number | undefined): boolean {
  return learned !== undefined && ![-DAY_MS, 0, DAY_MS].some((ms) => gatewayDay(learned + ms) === day)
}

function otherDay(settle_date: string | undefined, learned: number): string {
  const day = settle_date ?? `${gatewayDay(learned)}, when we learned of it,`
  return `the report of ${day} may have it too: compare both in one run`
}

function twiceNote(entries: readonly TheirEntry[]): string {
  const places = entries.map(({ report, line }) => `${report.file}:${line}`)
  const shown = places.slice(0, 5).join(', ')
  return `${entries.length} lines: ${shown}${places.length > 5 ? ', ...' : ''}`
}

/**
 * The report that a refund of ours must stand in, if it is one of them. Where the gateway never told the day of
 * settlement it is taken to be the one on which we learned of the success.
 */
export function reportFor(refund: OurRefund, reports: readonly OpenReport[]): OpenReport | undefined {
  const day = refund.settle_date ?? gatewayDay(refund.settled_at)
  return reports.find((report) => report.oid_partner === refund.oid_partner && covers(report, day))
}

export function missing(refund: OurRefund, report: OpenReport): Difference {
  const { oid_partner, no_refund, fen, settle_date } = refund
  return {
    kind: 'ours_only',
    oid_partner,
    no_refund,
    file: report.file,
    lines: [],
    ours: { state: 'succeeded', fen, ...(settle_date !== undefined && { settle_date }) },
    ...(settle_date === undefined && { note: 'its day of settlement is not known: it may be in a report beside this' }),
  }
}
