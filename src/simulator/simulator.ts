/** A LianLian refund gateway to test against: held to the documents, with its own book of the money that moved. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { BookEntry } from './book.ts'
import { openBook } from './book.ts'
import { createCourier } from './courier.ts'
import type { ReceivedRequest } from './events.ts'
import type { Script } from './faults.ts'
import { noFaults, scripted } from './faults.ts'
import { createGateway } from './gateway.ts'
import type { CallCounts } from './journal.ts'
import { openJournal } from './journal.ts'
import type { NotificationCounts } from './notifier.ts'
import { createNotifier } from './notifier.ts'
import type { SimulatorOptions } from './options.ts'
import { msWithin, randomFor } from './random.ts'
import type { Refund } from './refunds.ts'
import { createRefunds } from './refunds.ts'
import { dailyReports, type ReportColumns } from './report.ts'
import { seededFaults } from './seeded.ts'
import { createServer } from './server.ts'
import type { Fields } from './signing.ts'
import { gatewayKeys, readPublicKey } from './signing.ts'
import { startTimers } from './timers.ts'

export interface Simulator {
  /** e.g. `http://127.0.0.1:9000` */
  readonly url: string
  readonly port: number
  /** PEM (SPKI): what the gateway's signatures are verified with */
  readonly publicKey: string
  /** every movement of money so far */
  readonly book: readonly BookEntry[]
  /** the latest submits and queries */
  readonly requests: readonly ReceivedRequest[]
  /** Every refund taken, in order, as it stands now. */
  refunds(): readonly RefundStanding[]
  summary(): Summary
  /** The daily reports of what was paid so far, by the names of their files. */
  reports(columns: ReportColumns): ReadonlyMap<string, string>
  /** A refund that the merchant makes in the dashboard: paid at once, and notified to nobody. */
  refundByHand(fields: ByHand): void
  /** Sets a refund's script from its next call on. */
  script(no_refund: string, script: Script): void
  /** @param fen what the merchant's refunds are paid from, from now on */
  setBalance(oid_partner: string, fen: number): void
  /** The keys that the merchant has uploaded, from now on: a signature of any of them is good. */
  setMerchantKeys(oid_partner: string, publicKeys: readonly string[]): void
  /** @param privateKey PEM: what the gateway signs with from now on; `publicKey` is the other half */
  setGatewayKey(privateKey: string): void
  /** Delivers a notification with these very fields once; the signature is added, wrong if `forged`. */
  sendNotification(url: string, fields: Fields, forged?: boolean): Promise<boolean>
  /** Resolves when every refund taken is final and no notification is open. @throws Error at the deadline */
  idle(deadlineMs: number): Promise<void>
  /** Breaks everything off and frees the port. May be called twice. */
  stop(): Promise<void>
  /** Stops and starts again on the same port with everything it knows; what came due in between is done at once. */
  restart(): Promise<void>
}

/** `money_refund` in yuan, `dt_refund` as `yyyyMMddHHmmss`. */
export type ByHand = Readonly<Record<'oid_partner' | 'no_refund' | 'no_order' | 'money_refund' | 'dt_refund', string>>

export interface RefundStanding extends Pick<Refund, 'oid_partner' | 'no_refund' | 'oid_refundno' | 'fen'> {
  readonly sta_refund: '0' | '1' | '2' | '3'
}

export interface Summary {
  readonly submits: CallCounts
  readonly queries: CallCounts
  readonly notifications: Readonly<NotificationCounts> & { readonly open: number }
  /** by `<oid_partner>/<no_refund>`: how often money moved, and how much in all */
  readonly moved: Readonly<Record<string, { readonly times: number; readonly fen: number }>>
  /** the keys of `moved` with more than one movement */
  readonly doubled: readonly string[]
  /** refunds taken that are not final yet */
  readonly open: number
}

/**
 * Starts the gateway.
 *
 * @throws Error when a key is none, or the port is taken
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { seed = 1, faults: level = 'none', settleMs = 200, latencyMs = 0, now = Date.now } = options
  const host = options.host ?? '127.0.0.1'
  const onEvent = options.onEvent ?? (() => undefined)
  let keys = gatewayKeys(options.gatewayPrivateKey)
  const merchants = new Map(
    options.merchants.map((each) => [each.oid_partner, [each.publicKey].flat().map(readPublicKey)]),
  )

  const book = openBook(options.bookFile)
  const journal = openJournal(options.keepRequests ?? 10_000)
  const timers = startTimers(now)
  const courier = createCourier(options.notifyAckTimeoutMs ?? 5000)
  const notifier = createNotifier({
    get privateKey() {
      return keys.privateKey
    },
    courier,
    timers,
    repeatMs: options.notifyRepeatMs ?? 120_000,
    maxRepeats: options.notifyMaxRepeats ?? 30,
    onEvent,
  })
  const refunds = createRefunds({
    merchants: options.merchants,
    orders: options.orders ?? {},
    strictOrders: options.strictOrders ?? false,
    repeated: options.repeated ?? 'refuse',
    book,
    now,
  })
  const drawn = level === 'none' ? noFaults : seededFaults(level, seed, options.quarantineMs ?? 0)
  const faults = scripted(options.scripts ?? {}, options.scriptFor ?? (() => undefined), drawn)

  function settle(taken: Refund): Refund {
    const refund = refunds.settle(taken)
    const { oid_partner, no_refund, oid_refundno, fen } = refund
    const sta_refund = refund.settled?.sta_refund ?? '2'
    onEvent({ event: 'settled', oid_partner, no_refund, oid_refundno, sta_refund, fen })
    return refund
  }

  async function settleLater(refund: Refund, ms: number): Promise<void> {
    if (refund.course.notify?.includes('early') === true) await notifier.notify(settle(refund))
    else if (ms > 0) timers.after(ms, () => void notifier.notify(settle(refund)))
    else void notifier.notify(settle(refund))
  }

  const gateway = createGateway({
    get privateKey() {
      return keys.privateKey
    },
    merchants,
    refunds,
    faults,
    journal,
    signRefusals: options.signRefusals ?? true,
    settleMs: (no_refund, attempt) => msWithin(settleMs, randomFor(seed, no_refund, 'settle', attempt)),
    settleLater,
    onEvent,
    now,
  })
  const latency = randomFor(seed, 'latency')
  const server = createServer({
    gateway,
    host,
    port: options.port ?? 0,
    latencyMs: () => msWithin(latencyMs, latency),
    slowBodyMs: options.slowBodyMs ?? 3000,
  })
  const port = await server.listen()

  async function stop(): Promise<void> {
    timers.pause()
    courier.stop()
    await server.close()
  }

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    get publicKey() {
      return keys.publicKeyPem
    },
    book: book.entries,
    requests: journal.requests,
    refunds: () =>
      refunds.all().map((refund) => {
        const { oid_partner, no_refund, oid_refundno, fen } = refund
        return { oid_partner, no_refund, oid_refundno, fen, sta_refund: refunds.status(refund) }
      }),
    summary() {
      const moved = movedBy(book.entries)
      return {
        submits: structuredClone(journal.submits),
        queries: structuredClone(journal.queries),
        notifications: { ...notifier.counts, open: notifier.open },
        moved,
        doubled: Object.keys(moved).filter((key) => (moved[key]?.times ?? 0) > 1),
        open: refunds.open,
      }
    },
    reports: (columns) => dailyReports(refunds.all(), columns),
    refundByHand(fields) {
      const taken = refunds.accept({ ...fields, notify_url: '' }, 'domestic', faults.course(fields.no_refund), 0)
      if (typeof taken === 'string') throw new Error(`the gateway refuses it: ${taken}`)
      settle(taken)
    },
    script: (no_refund, script) => {
      faults.set(no_refund, script)
    },
    setBalance: (oid_partner, fen) => {
      refunds.setBalance(oid_partner, fen)
    },
    setMerchantKeys: (oid_partner, publicKeys) => {
      merchants.set(oid_partner, publicKeys.map(readPublicKey))
    },
    setGatewayKey: (privateKey) => {
      keys = gatewayKeys(privateKey)
    },
    sendNotification: async (to, fields, forged) => await notifier.send(to, fields, forged),
    async idle(deadlineMs) {
      const deadline = performance.now() + deadlineMs
      while (refunds.open > 0 || notifier.open > 0) {
        if (performance.now() > deadline) throw new Error(`not idle after ${deadlineMs} ms`)
        await sleep(5)
      }
    },
    stop,
    async restart() {
      await stop()
      courier.resume()
      await server.listen()
      timers.resume()
    },
  }
}

function movedBy(entries: readonly BookEntry[]): Record<string, { times: number; fen: number }> {
  const moved: Record<string, { times: number; fen: number }> = {}
  for (const { oid_partner, no_refund, fen } of entries) {
    const key = `${oid_partner}/${no_refund}`
    const so_far = moved[key] ?? { times: 0, fen: 0 }
    moved[key] = { times: so_far.times + 1, fen: so_far.fen + fen }
  }
  return moved
}
