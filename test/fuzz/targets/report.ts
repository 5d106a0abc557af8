import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Difference } from '../../../src/books/difference.ts'
import { linesOf } from '../../../src/books/lines.ts'
import { reconcile } from '../../../src/books/reconcile.ts'
import { readReportLine } from '../../../src/books/report-line.ts'
import type { Random } from '../../simulation/random.ts'
import { notMoney, unclear } from '../guards.ts'
import { mutateBytes } from '../mutate/bytes.ts'
import { oddText } from '../mutate/texts.ts'
import { type Input, type Target, tally } from '../target.ts'

const REPORT = { oid_partner: '201403251000001147', period: '20140528', file: 'report.txt' } as const
const LINES = readFileSync(new URL('../corpus/report.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
/** `退款` in GBK, and a character whose second byte is `|` */
const GBK = Buffer.from('cdcbbfee817c', 'hex').toString('latin1')
const NOON = Date.UTC(2014, 4, 28, 4)
const THROUGH_BOOKS = 4

/** A report file as it may come, in pieces of any size, alone and against our books. */
export function reportTarget(read: typeof readReportLine = readReportLine): Target {
  const counts = new Map<string, number>()
  let folder: string | undefined
  return {
    name: 'report',
    share: 3,
    slowMs: 400,
    counts,
    make,
    async check({ bytes, note }) {
      const whole = await linesIn([bytes])
      const pieces = await linesIn(piecesOf(bytes, Number(/\d+/.exec(note)?.[0] ?? 1)))
      if (JSON.stringify(whole) !== JSON.stringify(pieces)) return 'the lines depend on how the file arrives'
      let refunds = 0
      for (const [at, line] of whole.entries()) {
        if (line === undefined) continue
        const { kind, wrong } = checkLine(line, at === 0, read)
        tally(counts, kind)
        if (wrong !== undefined) return wrong
        if (kind === 'refund') refunds += 1
      }
      if (bytes.length % THROUGH_BOOKS !== 0) return undefined
      tally(counts, 'files against our books')
      folder ??= mkdtempSync(path.join(tmpdir(), 'fuzz-books-'))
      return await againstBooks(bytes, refunds, folder)
    },
    close: async () => {
      if (folder !== undefined) rmSync(folder, { recursive: true })
      return Promise.resolve()
    },
  }
}

function make(random: Random): Input {
  const count = random.between(1, 8)
  const lines = Array.from({ length: count }, () => {
    const line = LINES[random.between(0, LINES.length - 1)] ?? ''
    return random.chance(0.5) ? line : otherCells(random, line)
  })
  const end = random.pick(['\n', '\r\n', '\n', '\r'] as const)
  const text = lines.join(end) + (random.chance(0.5) ? end : '')
  const bytes = Buffer.from(text, random.chance(0.3) ? 'latin1' : 'utf8')
  const changed = random.chance(0.3) ? mutateBytes(random, bytes) : bytes
  return { bytes: changed, vouched: [], note: `in pieces of ${random.between(1, 40)}` }
}

function otherCells(random: Random, line: string): string {
  const mark = line.includes('|') ? '|' : ','
  const cells = line.split(mark)
  const at = random.between(0, cells.length - 1)
  const put = (...now: string[]): string => [...cells.slice(0, at), ...now, ...cells.slice(at + 1)].join(mark)
  switch (random.between(0, 5)) {
    case 0:
      return put()
    case 1:
      return put(cells[at] ?? '', cells[at] ?? '')
    case 2:
      return put(GBK + (cells[at] ?? ''))
    case 3:
      return put(`"${cells[at] ?? ''}"`)
    case 4:
      return put(
        random.pick(['-0', '-0.00', '-1e2', '-.5', '-1.', '--1', '-999999999999.99', '-9999999999999', '- 1'] as const),
      )
    default:
      return put(oddText(random))
  }
}

function checkLine(line: string, first: boolean, read: typeof readReportLine): { kind: string; wrong?: string } {
  const told = read(line, REPORT, first)
  if (JSON.stringify(read(line, REPORT, first)) !== JSON.stringify(told))
    return { kind: told.kind, wrong: 'it differs' }
  const note = told.kind === 'other' ? undefined : told.note
  const bad = note === undefined ? undefined : unclear(note, { longest: 150 })
  if (bad !== undefined || told.kind !== 'refund') return { kind: told.kind, ...(bad !== undefined && { wrong: bad }) }
  const { fen, no_refund, settle_date } = told.refund
  const wrong = notMoney(fen) ?? (fen > 0 ? undefined : 'a refund of nothing')
  const form = /^[\x21-\x7e]{1,64}$/.test(no_refund) && /^[0-9]{8}$/.test(settle_date)
  const odd = wrong ?? (form ? undefined : 'a number or a day of an odd form')
  return { kind: 'refund', ...(odd !== undefined && { wrong: odd }) }
}

async function againstBooks(bytes: Buffer, refunds: number, folder: string): Promise<string | undefined> {
  const differences: Difference[] = []
  const ours = [
    { oid_partner: REPORT.oid_partner, no_refund: 'R1', fen: 100, settled_at: NOON },
    { oid_partner: REPORT.oid_partner, no_refund: 'R9', fen: 7, settled_at: NOON },
  ]
  const [total] = await reconcile({
    files: [{ ...REPORT, size: bytes.length, chunks: () => chunksOf([bytes]) }],
    ours: {
      countSettledSince: async () => Promise.resolve(ours.length),
      settledIn: async function* () {
        yield await Promise.resolve({ looked: ours.length, refunds: ours })
      },
      lookUp: async (ids) => Promise.resolve(ids.map(() => undefined)),
    },
    folder,
    onProgress: () => {},
    onDifference: async (difference) => Promise.resolve(void differences.push(difference)),
  })
  if (!total) return 'no totals'
  if (readdirSync(folder).length > 0) return 'files were left behind'
  if (total.refunds !== refunds) return `${refunds} refunds in the lines, ${total.refunds} in the totals`
  if (!Number.isSafeInteger(total.refunds_fen) || total.matched_fen > total.refunds_fen) return 'sums that are none'
  if (!differences.some(({ no_refund }) => no_refund === 'R9')) return 'a refund that the report lacks was not told'
  const bad = differences.find(({ note }) => note !== undefined && unclear(note, { longest: 400 }) !== undefined)
  return bad ? `an unclear note: ${JSON.stringify(bad.note)}` : undefined
}

async function linesIn(chunks: readonly Buffer[]): Promise<readonly (string | undefined)[]> {
  const lines: (string | undefined)[] = []
  for await (const batch of linesOf(chunksOf(chunks))) {
    if (batch.first !== lines.length + 1) throw new Error('lines are numbered wrongly')
    lines.push(...batch.lines)
  }
  return lines
}

const MOST_PIECES = 2000

function piecesOf(bytes: Buffer, least: number): readonly Buffer[] {
  const size = Math.max(least, Math.ceil(bytes.length / MOST_PIECES))
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

async function* chunksOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(chunk)
}
