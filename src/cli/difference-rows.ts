import type { Difference } from '../books/difference.ts'
import { yuanFromFen } from '../refund/money.ts'
import { csvRow } from './csv.ts'
import type { Paint } from './io.ts'
import type { Rows } from './output.ts'
import type { Column } from './table.ts'
import { harmless, shownYuan } from './text.ts'

/** A difference for programs: amounts in yuan with two decimals; what there is nothing to tell of is left out. */
function differenceView({ kind, oid_partner, no_refund, file, lines, theirs, ours, note }: Difference) {
  return {
    kind,
    oid_partner,
    ...(no_refund !== undefined && { no_refund }),
    file,
    lines,
    ...(theirs && {
      theirs: {
        money_refund: yuanFromFen(theirs.fen),
        ...(theirs.settle_date !== undefined && { settle_date: theirs.settle_date }),
        ...(theirs.no_order !== undefined && { no_order: theirs.no_order }),
        ...(theirs.dt_refund !== undefined && { dt_refund: theirs.dt_refund }),
      },
    }),
    ...(ours && {
      ours: {
        state: ours.state,
        money_refund: yuanFromFen(ours.fen),
        ...(ours.settle_date !== undefined && { settle_date: ours.settle_date }),
      },
    }),
    ...(note !== undefined && { note }),
  }
}

export const DIFFERENCE_ROWS: Rows<Difference> = { columns: differenceColumns, json: differenceView }

function differenceColumns(paint: Paint): readonly Column<Difference>[] {
  return [
    { title: 'DIFFERENCE', text: ({ kind }) => paint('red', kind) },
    { title: 'NO_REFUND', text: ({ no_refund = '-' }) => harmless(no_refund) },
    { title: 'THEIRS', right: true, text: ({ theirs }) => (theirs ? shownYuan(theirs.fen) : '-') },
    { title: 'OURS', right: true, text: ({ ours }) => (ours ? shownYuan(ours.fen) : '-') },
    { title: 'STATE', text: ({ ours }) => ours?.state ?? '-' },
    { title: 'THEIR DAY', text: ({ theirs }) => theirs?.settle_date ?? '-' },
    { title: 'OUR DAY', text: ({ ours }) => ours?.settle_date ?? '-' },
    { title: 'WHERE', text: ({ file, lines }) => (lines.length > 0 ? `${file}:${lines.join(',')}` : file) },
    { title: 'NOTE', text: ({ note }) => note ?? '-' },
  ]
}

export const DIFFERENCE_HEAD = csvRow([
  'kind',
  'oid_partner',
  'no_refund',
  'file',
  'lines',
  'their_money_refund',
  'our_money_refund',
  'state',
  'their_settle_date',
  'our_settle_date',
  'no_order',
  'dt_refund',
  'note',
])

export function differenceCsv({ kind, oid_partner, no_refund, file, lines, theirs, ours, note }: Difference): string {
  return csvRow([
    kind,
    oid_partner,
    no_refund,
    file,
    lines.join(' '),
    theirs && yuanFromFen(theirs.fen),
    ours && yuanFromFen(ours.fen),
    ours?.state,
    theirs?.settle_date,
    ours?.settle_date,
    theirs?.no_order,
    theirs?.dt_refund,
    note,
  ])
}
