import type { State } from '../refund/record.ts'

/**
 * What keeps two books from being the same.
 *
 * - `twice`: several lines of one number: the money may have left more than once; counted in every report that has one
 * - `theirs_only`: the ledger does not know the number, such as a refund made by hand in the dashboard
 * - `ours_only`: succeeded for us, and in no line
 * - `state_differs`: paid for them, and not succeeded for us
 * - `amount_differs`, `date_differs`: another amount, another settle_date
 * - `forgotten`: the ledger still knows the number, and no more (`LEDGER_RETENTION_DAYS`)
 * - `faulty_line`: a line that says nothing certain
 */
export const DIFFERENCE_KINDS = [
  'twice',
  'theirs_only',
  'ours_only',
  'state_differs',
  'amount_differs',
  'date_differs',
  'forgotten',
  'faulty_line',
] as const
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number]

/** What one of the books says; amounts in fen. */
export interface Said {
  readonly fen: number
  readonly settle_date?: string
}

export interface Difference {
  readonly kind: DifferenceKind
  readonly oid_partner: string
  /** absent for a line that cannot be read */
  readonly no_refund?: string
  /** where it stands in the report, or would have to */
  readonly file: string
  readonly lines: readonly number[]
  readonly theirs?: Said & { readonly no_order?: string; readonly dt_refund?: string }
  readonly ours?: Said & { readonly state: State }
  readonly note?: string
}

/** What became of one report. */
export interface Totals {
  readonly file: string
  readonly oid_partner: string
  readonly period: string
  /** without empty ones */
  lines: number
  refunds: number
  refunds_fen: number
  matched: number
  matched_fen: number
  readonly differences: Record<DifferenceKind, number>
  /** periods of other reports that have a number of this one, too */
  twice_in: string[]
}

export function noTotals(file: string, report: { readonly oid_partner: string; readonly period: string }): Totals {
  const differences = {
    twice: 0,
    theirs_only: 0,
    ours_only: 0,
    state_differs: 0,
    amount_differs: 0,
    date_differs: 0,
    forgotten: 0,
    faulty_line: 0,
  }
  return {
    file,
    ...report,
    lines: 0,
    refunds: 0,
    refunds_fen: 0,
    matched: 0,
    matched_fen: 0,
    differences,
    twice_in: [],
  }
}
