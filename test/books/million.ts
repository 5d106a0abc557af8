/**
 * `node test/books/million.ts [refunds] [payments]`: how long `refundctl reconcile` takes, and how much memory, for a
 * daily report of so many refunds (1,000,000) and payments (0), against a ledger of as many refunds, with 50 seeded
 * differences. Ends with 1 unless exactly those are told. A Redis of its own, about 2 GB for a million.
 */
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { text as textOf } from 'node:stream/consumers'
import { Redis } from 'ioredis'
import { z } from 'zod'
import type { DifferenceKind } from '../../src/books/difference.ts'
import { startRedis } from '../../src/embedded/redis.ts'
import { encodeRecord } from '../../src/ledger/codec.ts'
import { ledgerKeys, member } from '../../src/ledger/keys.ts'
import type { RefundRecord } from '../../src/refund/record.ts'
import { randomFor } from '../../src/simulator/random.ts'
import { type ReportedRefund, reportLines } from '../../src/simulator/report.ts'

const PARTNER = '201103171000000000'
const DAY = '20261121'
const NOON = Date.UTC(2026, 10, 21, 4)
const DIFFERENT = ['ours_only', 'theirs_only', 'amount_differs', 'twice', 'state_differs'] as const
const OF_EACH = 10

const [refunds = 1_000_000, payments = 0] = process.argv.slice(2).map(Number)

/** Which refunds differ, and how, by their place. */
function seeded(): ReadonlyMap<number, DifferenceKind> {
  const random = randomFor(1, 'books')
  const chosen = new Map<number, DifferenceKind>()
  while (chosen.size < DIFFERENT.length * OF_EACH) {
    const at = Math.floor(random() * refunds)
    const kind = DIFFERENT[chosen.size % DIFFERENT.length]
    if (kind && !chosen.has(at)) chosen.set(at, kind)
  }
  return chosen
}

const numberOf = (at: number) => `R${DAY}${String(at).padStart(9, '0')}`
const fenOf = (at: number) => 1 + ((at * 7919) % 1_000_000)

function recordOf(at: number, kind: DifferenceKind | undefined): RefundRecord {
  const no_refund = numberOf(at)
  const time = NOON + at
  return {
    version: 3,
    token: '00000000-0000-4000-8000-000000000000',
    oid_partner: PARTNER,
    no_refund,
    holds: [],
    content: '0123456789abcdef0123456789abcdef',
    attempts: [
      { number: 1, fate: 'accepted', quarantine: 'full', claimed_at: time, quarantined_from: time, denials: 0 },
    ],
    looks: 0,
    queries: 0,
    answer: {
      ret_code: '0000',
      ret_msg: '交易成功',
      oid_refundno: `${DAY}${String(at).padStart(8, '0')}`,
      sta_refund: '2',
      settle_date: DAY,
    },
    reasons: [],
    contradiction: false,
    foreign: false,
    granted: 0,
    events: 1,
    held_events: 0,
    requested_at: time,
    created_at: time,
    updated_at: time,
    quiet_since: time,
    state: kind === 'state_differs' ? 'failed' : 'succeeded',
    request: {
      oid_partner: PARTNER,
      no_refund,
      fen: fenOf(at),
      kind: 'domestic',
      dt_refund: `${DAY}120000`,
      notify_url: 'https://merchant.example/notifications/refund',
      no_order: `O${no_refund}`,
    },
    metadata: { customer: 'c-1', ticket: 't-1' },
    settled_by: 'notification',
    event: { type: 'refund.succeeded', time },
  }
}

async function writeLedger(url: string, prefix: string, differences: ReadonlyMap<number, DifferenceKind>) {
  const redis = new Redis(url)
  const keys = ledgerKeys(prefix)
  for (let from = 0; from < refunds; from += 2_000) {
    const pipeline = redis.pipeline()
    for (let at = from; at < Math.min(from + 2_000, refunds); at++) {
      const kind = differences.get(at)
      if (kind === 'theirs_only') continue
      const record = recordOf(at, kind)
      const { state, version } = record
      pipeline.set(keys.record(record), encodeRecord(record, version, 'token'))
      pipeline.zadd(keys.index(`state:${state}`), NOON + at, member(record))
    }
    await pipeline.exec()
  }
  redis.disconnect()
}

function writeReport(place: string, differences: ReadonlyMap<number, DifferenceKind>): string {
  const file = path.join(place, `JYMX_${PARTNER}_${DAY}.txt`)
  const descriptor = openSync(file, 'w')
  const faults = { ours_only: 'left_out', amount_differs: 'other_amount', twice: 'doubled' } as const
  let waiting: string[] = []
  for (let at = 0; at < Math.max(refunds, payments); at++) {
    const kind = differences.get(at)
    const report = kind === 'ours_only' || kind === 'amount_differs' || kind === 'twice' ? faults[kind] : undefined
    const refund: ReportedRefund = {
      oid_partner: PARTNER,
      no_refund: numberOf(at),
      dt_refund: `${DAY}120000`,
      fen: fenOf(at),
      no_order: `O${numberOf(at)}`,
      oid_refundno: `${DAY}${String(at).padStart(8, '0')}`,
      settled: { sta_refund: '2', settle_date: DAY },
      course: report ? { report } : {},
    }
    const [payment = '', ...own] = reportLines(refund, DAY, 'order')
    if (at < payments) waiting.push(payment)
    if (at < refunds) waiting.push(...own)
    if (waiting.length > 5_000) {
      writeSync(descriptor, `${waiting.join('\n')}\n`)
      waiting = []
    }
  }
  writeSync(descriptor, waiting.length > 0 ? `${waiting.join('\n')}\n` : '')
  closeSync(descriptor)
  return file
}

async function reconcile(file: string, url: string, prefix: string) {
  const began = performance.now()
  const child = spawn(process.execPath, ['src/cli/main.ts', 'reconcile', file, '-o', 'jsonl'], {
    env: { ...process.env, REDIS_URL: url, LEDGER_PREFIX: prefix, LIANLIAN_OID_PARTNER: PARTNER },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let peakKb = 0
  const watch = setInterval(() => {
    const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8')
    peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
  }, 50)
  child.once('exit', () => clearInterval(watch))
  const out = await textOf(child.stdout)
  return { out, peakMb: Math.round(peakKb / 1024), seconds: (performance.now() - began) / 1000 }
}

const told = z.object({ kind: z.string(), no_refund: z.string() })

const folder = mkdtempSync(path.join(tmpdir(), 'refund-million-'))
const redis = await startRedis({ sources: ['program'], settings: { appendonly: 'no' } })
try {
  const differences = seeded()
  const prefix = '{million}'
  await writeLedger(redis.url, prefix, differences)
  const file = writeReport(folder, differences)
  const { out, peakMb, seconds } = await reconcile(file, redis.url, prefix)
  const found = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => told.parse(JSON.parse(line)))
    .map(({ kind, no_refund }) => `${kind} ${no_refund}`)
  const expected = [...differences].map(([at, kind]) => `${kind} ${numberOf(at)}`)
  const exact = found.toSorted().join('\n') === expected.toSorted().join('\n')
  process.stdout.write(
    `${refunds} refunds, ${payments} payments: ${seconds.toFixed(1)} s, ${peakMb} MB at most, ` +
      `${found.length} differences, ${exact ? 'exactly those that were seeded' : 'NOT those that were seeded'}\n`,
  )
  process.exitCode = exact ? 0 : 1
} finally {
  await redis.stop()
  rmSync(folder, { recursive: true })
}
