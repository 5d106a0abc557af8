import type { Difference, Totals } from '../books/difference.ts'
import { yuanFromFen } from '../refund/money.ts'
import { DIFFERENCE_HEAD, DIFFERENCE_ROWS, differenceCsv } from './difference-rows.ts'
import { type Io, put } from './io.ts'
import { FORMATS, putRows } from './output.ts'
import { jsonText } from './text.ts'

export const DIFFERENCE_FORMS = [...FORMATS, 'csv'] as const
export type DifferenceForm = (typeof DIFFERENCE_FORMS)[number]

/** So many are put in order together; all at once could fill the memory. */
const IN_ORDER = 20_000

/** Writes differences in the form asked for, by file and line. */
export function differencesTo(io: Io, form: DifferenceForm) {
  let waiting: Difference[] = []
  let begun = false

  async function flush(): Promise<void> {
    const differences = waiting.toSorted(byPlace)
    waiting = []
    if (form === 'csv') await put(io.stdout, (begun ? '' : DIFFERENCE_HEAD) + differences.map(differenceCsv).join(''))
    else if (form === 'json') await putJson(differences)
    else await putRows(io, form, DIFFERENCE_ROWS, differences)
    begun = true
  }

  async function putJson(differences: readonly Difference[]): Promise<void> {
    const rows = differences.map((each) => `\n    ${jsonText(DIFFERENCE_ROWS.json(each))}`).join(',')
    const lead = begun ? ',' : '{\n  "differences": ['
    await put(io.stdout, begun && rows === '' ? '' : lead + rows)
  }

  return {
    async add(difference: Difference): Promise<void> {
      waiting.push(difference)
      if (waiting.length >= IN_ORDER) await flush()
    },
    async end(totals: readonly Totals[]): Promise<void> {
      await flush()
      if (form === 'json') await put(io.stdout, `\n  ],\n  "reports": ${jsonText(totals.map(totalsView))}\n}\n`)
    },
  }
}

function totalsView({ refunds_fen, matched_fen, ...totals }: Totals) {
  return { ...totals, money_refunds: yuanFromFen(refunds_fen), money_matched: yuanFromFen(matched_fen) }
}

function byPlace(one: Difference, other: Difference): number {
  const line = ({ lines: [first = Number.MAX_SAFE_INTEGER] }: Difference) => first
  if (one.file !== other.file) return one.file < other.file ? -1 : 1
  return line(one) - line(other) || (one.no_refund ?? '').localeCompare(other.no_refund ?? '')
}
