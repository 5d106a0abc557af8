import { Option } from 'commander'
import type { RefundRecord } from '../refund/record.ts'
import { type Io, type Paint, paintFor, put } from './io.ts'
import { type Column, layOut } from './table.ts'
import { jsonText } from './text.ts'
import { refundColumns, refundView } from './view.ts'

export const FORMATS = ['table', 'json', 'jsonl'] as const
export type Format = (typeof FORMATS)[number]

export const outputOption = () =>
  new Option('-o, --output <form>', 'form of the data').choices(FORMATS).default('table')

/** So many rows are aligned together: a long list begins to show before it is read to its end. */
const TABLE_PART = 500

export interface Rows<T> {
  readonly columns: (paint: Paint) => readonly Column<T>[]
  readonly json: (row: T) => unknown
}

/** Writes rows in the form asked for, as they come. */
export async function putRows<T>(io: Io, form: Format, rows: Rows<T>, source: Iterable<T> | AsyncIterable<T>) {
  if (form === 'table') return putTable(io, rows.columns(paintFor(io.stdout)), source)
  let first = true
  for await (const row of source) {
    const json = jsonText(rows.json(row))
    const lead = first ? '[\n  ' : ',\n  '
    await put(io.stdout, form === 'jsonl' ? `${json}\n` : lead + json)
    first = false
  }
  if (form === 'json') await put(io.stdout, first ? '[]\n' : '\n]\n')
}

async function putTable<T>(io: Io, columns: readonly Column<T>[], source: Iterable<T> | AsyncIterable<T>) {
  let widths: readonly number[] | undefined
  let part: T[] = []
  const flush = async () => {
    if (part.length === 0) return
    const table = layOut(columns, part, widths)
    const lines = widths === undefined ? [table.head, ...table.lines] : table.lines
    widths = table.widths
    part = []
    await put(io.stdout, lines.map((line) => `${line}\n`).join(''))
  }
  for await (const row of source) {
    part.push(row)
    if (part.length >= TABLE_PART) await flush()
  }
  await flush()
}

/** One thing: pretty in JSON, since people read it. */
export async function putOne(io: Io, form: Exclude<Format, 'table'>, value: unknown): Promise<void> {
  await put(io.stdout, `${jsonText(value, form === 'json' ? 2 : undefined)}\n`)
}

export function refundRows(now: number, severalMerchants: boolean): Rows<RefundRecord> {
  return { columns: (paint) => refundColumns(now, paint, severalMerchants), json: refundView }
}
