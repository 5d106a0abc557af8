import type { RefundIdentity } from '../refund/job-data.ts'
import { type Compared, type Known, type OpenReport, type OurRefund, reportFor } from './compare.ts'
import { type Difference, noTotals, type Totals } from './difference.ts'
import { linesOf } from './lines.ts'
import { comparePart } from './part.ts'
import { firstMomentOf } from './report.ts'
import { readReportLine } from './report-line.ts'
import { keyOf, ourRow, theirRow } from './rows.ts'
import { openSpill, type Spill } from './spill.ts'

/** Our books, as the ledger has them. */
export interface OurBooks {
  countSettledSince(since: number): Promise<number>
  /** those that succeeded since then, of the periods or of no known day */
  settledIn(
    periods: readonly string[],
    since: number,
  ): AsyncIterable<{ readonly looked: number; readonly refunds: readonly OurRefund[] }>
  lookUp(ids: readonly RefundIdentity[]): Promise<readonly Known[]>
}

export interface ReportFile extends OpenReport {
  /** bytes */
  readonly size: number
  readonly chunks: () => AsyncIterable<Buffer>
}

export interface ReconcileOptions {
  readonly files: readonly ReportFile[]
  readonly ours: OurBooks
  /** where rows are put aside while they are sorted together */
  readonly folder: string
  readonly onProgress: (step: 'read' | 'ledger' | 'compare', done: number, all: number) => void
  /** each difference once, as it is found */
  readonly onDifference: (difference: Difference) => Promise<void>
}

/** The day of settlement may lie behind the day on which the gateway told of it: weekends, and weeks of holidays. */
const EARLIER_MS = 14 * 86_400_000
/** So that a part of the rows takes a megabyte or two of memory, and lives no longer than the young do. */
const BYTES_A_PART = 500_000
const REFUNDS_A_PART = 4_000
const MOST_PARTS = 250

/**
 * Compares reports with our books. Memory does not grow with either: the rows of both are put aside on disk in parts by
 * their number, and one part after the other is compared.
 *
 * @throws Error when not every refund that was read came to be compared, or when the disk is full
 */
export async function reconcile(options: ReconcileOptions): Promise<readonly Totals[]> {
  const { files, ours, folder } = options
  const since = Math.min(...files.map(({ period }) => firstMomentOf(period) ?? 0)) - EARLIER_MS
  const settled = await ours.countSettledSince(since)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const wished = Math.ceil(Math.max(bytes / BYTES_A_PART, settled / REFUNDS_A_PART))
  const spill = openSpill(folder, Math.min(Math.max(wished, 1), MOST_PARTS))
  const totals = files.map((file) => noTotals(file.file, { oid_partner: file.oid_partner, period: file.period }))
  const differ = async (difference: Difference, entries: Compared['entries'] = []): Promise<void> => {
    const reports = new Set([difference.file, ...entries.map(({ report }) => report.file)])
    const involved = [...reports].map((file) => totalOf(totals, file))
    for (const total of involved) {
      total.differences[difference.kind] += 1
      const others = involved.filter((other) => other !== total).map(({ period }) => period)
      if (others.length > 0) total.twice_in = [...new Set([...total.twice_in, ...others])]
    }
    await options.onDifference(difference)
  }
  const stop = () => spill.remove()
  process.once('exit', stop)
  try {
    let before = 0
    for (const [at, file] of files.entries()) {
      const onBytes = (done: number) => options.onProgress('read', before + done, bytes)
      await readFile(file, { at, total: totalOf(totals, file.file), spill, differ, onBytes })
      before += file.size
    }
    await readLedger(options, since, settled, spill)
    let lines = 0
    for (let part = 0; part < spill.parts; part++) {
      options.onProgress('compare', part, spill.parts)
      for await (const compared of comparePart(spill.read(part), files, ours)) {
        lines += compared.entries.length
        if ('difference' in compared) await differ(compared.difference, compared.entries)
        else {
          const total = totalOf(totals, compared.matched.report.file)
          total.matched += 1
          total.matched_fen += compared.matched.fen
        }
      }
    }
    const read = totals.reduce((sum, { refunds }) => sum + refunds, 0)
    if (lines !== read) throw new Error(`${read} refunds were read from the reports, and ${lines} compared`)
    return totals
  } finally {
    spill.remove()
    process.off('exit', stop)
  }
}

type Differ = (difference: Difference) => Promise<void>

function totalOf(totals: readonly Totals[], file: string): Totals {
  const total = totals.find((each) => each.file === file)
  if (!total) throw new TypeError('a report that was not opened')
  return total
}

interface Reading {
  /** the file's place among the others */
  readonly at: number
  readonly total: Totals
  readonly spill: Spill
  readonly differ: Differ
  readonly onBytes: (bytes: number) => void
}

async function readFile(file: ReportFile, { at, total, spill, differ, onBytes }: Reading): Promise<void> {
  const { oid_partner, file: name } = file
  let first = true
  for await (const { first: start, lines, bytes } of linesOf(file.chunks())) {
    for (const [offset, text] of lines.entries()) {
      if (text?.trim() === '') continue
      const line = start + offset
      total.lines += 1
      const read = text === undefined ? TOO_LONG : readReportLine(text, file, first)
      first = false
      if (read.kind === 'other') continue
      if (read.note !== undefined) {
        await differ({ kind: 'faulty_line', oid_partner, file: name, lines: [line], note: read.note })
      }
      if (read.kind === 'fault') continue
      const { refund } = read
      total.refunds += 1
      total.refunds_fen += refund.fen
      spill.add(keyOf({ oid_partner, no_refund: refund.no_refund }), theirRow(refund, line, at))
    }
    onBytes(bytes)
  }
}

const TOO_LONG = { kind: 'fault', note: 'longer than any line can be' } as const

async function readLedger(options: ReconcileOptions, since: number, settled: number, spill: Spill): Promise<void> {
  const { files, ours, onProgress } = options
  let looked = 0
  for await (const batch of ours.settledIn([...new Set(files.map(({ period }) => period))], since)) {
    looked += batch.looked
    onProgress('ledger', Math.min(looked, settled), settled)
    for (const refund of batch.refunds) {
      if (reportFor(refund, files)) spill.add(keyOf(refund), ourRow(refund))
    }
  }
}
