import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Counts, countChange } from '../refund/counts.ts'
import type { Decision } from '../refund/decision.ts'
import { dueAt } from '../refund/due.ts'
import { gatewayDay } from '../refund/gateway-time.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { LimitBreach } from '../refund/observation.ts'
import { orderShare } from '../refund/order-sums.ts'
import type { Policy } from '../refund/policy.ts'
import { isFinal, type RefundRecord } from '../refund/record.ts'
import type { CommitResult, Snapshot } from '../refund/snapshot.ts'
import { redisClock } from './clock.ts'
import { decodeStored, encodeRecord, trailIn } from './codec.ts'
import { indexesOf, type LedgerKeys, member } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

type Commit = Extract<Decision, { kind: 'commit' }>

export interface CommitExtras {
  /** what the decision has already taken into account */
  readonly breaches?: readonly LimitBreach[]
  /** whether the decision knew of a notice that came before any record */
  readonly early?: boolean
  /** whether the decision rests on a guess */
  readonly guessed?: boolean
  /** what to count with the commit, see `src/refund/counts.ts` */
  readonly counts?: Counts | undefined
}

/** 80 random bits: no two commits of a number share them. */
function newToken(): string {
  const uuid = randomUUID()
  return uuid.slice(0, 8) + uuid.slice(-12)
}

const readScript = luaScript('./read.lua')
const commitScript = luaScript('./commit.lua', './record.lua')

const text = z.string().nullable()
const readReply = z.tuple([z.number(), text, text, text, z.number()])
const commitReply = z.union([
  z.tuple([z.literal('done'), z.number(), z.number()]),
  z.tuple([z.literal('stale')]),
  z.tuple([
    z.literal('breach'),
    z.enum(['over_refund', 'order_amount_differs', 'order_frozen', 'daily_cap', 'stopped'] satisfies LimitBreach[]),
  ]),
])

/**
 * Reads and writes the truth about refunds; `commit.lua` is the only writer.
 *
 * @param isUnlimited whether this process may call the gateway for a merchant as often as it likes
 */
export function refundRecords(
  redis: RedisClient,
  prefix: string,
  keys: LedgerKeys,
  policyOf: (oid_partner: string) => Policy,
  isUnlimited: (oid_partner: string) => boolean,
) {
  const clock = redisClock()
  return {
    /** What a new number most likely finds; nothing while that cannot be told. Only a commit can say whether it was so. */
    guess({ oid_partner }: RefundIdentity): Snapshot | undefined {
      const now = clock.now()
      return now === undefined || !isUnlimited(oid_partner) ? undefined : { now, open: true, guessed: true }
    },

    /** @throws NewerRecordError for a record that a newer version wrote */
    async read(id: RefundIdentity): Promise<Snapshot> {
      const reply = await readScript(
        redis,
        [keys.record(id), keys.early(id), keys.safeStart, keys.gate(id.oid_partner), keys.stop],
        [],
      )
      const [now, found, early, safeStart, silent] = readReply.parse(reply)
      clock.learn(now)
      return {
        now,
        ...decodeStored(id, found),
        ...(early !== null && { unmatched: early === '' ? {} : { dt_refund: early } }),
        ...(safeStart !== null && { safeStart: Number(safeStart) }),
        ...(silent === 1 && isUnlimited(id.oid_partner) && { open: true as const }),
      }
    },

    /** Writes a decision if the record is still the one that it was made from. */
    async commit(before: RefundRecord | undefined, decision: Commit, extras: CommitExtras = {}): Promise<CommitResult> {
      const { record } = decision
      const orders = record.request ? keys.orders(record.request) : []
      const token = newToken()
      const reply = await commitScript(
        redis,
        [
          keys.record(record),
          keys.due,
          keys.outbox,
          keys.money,
          keys.counts,
          keys.early(record),
          keys.unmatched,
          keys.day(record.oid_partner, gatewayDay(record.updated_at)),
          ...orders,
        ],
        [
          JSON.stringify(change(prefix, before, decision, extras, { token, policy: policyOf(record.oid_partner) })),
          encodeRecord(record, (before?.version ?? 0) + 1, token),
          JSON.stringify(decision.trail),
          decision.event ? JSON.stringify(decision.event) : '',
        ],
      )
      const [kind, detail, now] = commitReply.parse(reply)
      switch (kind) {
        case 'done':
          clock.learn(now)
          return { kind, version: detail, token }
        case 'breach':
          return { kind, breach: detail }
        default:
          return { kind }
      }
    },

    /** The lines of a refund's history, oldest first, each as JSON. */
    async trail(id: RefundIdentity): Promise<string[]> {
      return trailIn(await redis.get(keys.record(id)))
    },
  }
}

/** The first argument of `commit.lua`: what differs between the two records. */
function change(
  prefix: string,
  before: RefundRecord | undefined,
  decision: Commit,
  { breaches = [], early = false, guessed = false, counts = {} }: CommitExtras,
  { token, policy }: { readonly token: string; readonly policy: Policy },
) {
  const { record, trail } = decision
  const opens = !isFinal(record) && !(before && !isFinal(before))
  const [was, is] = [orderShare(before), orderShare(record)]
  const [indexesBefore, indexes] = [indexesOf(before), indexesOf(record)]
  const fen = fenOf(record)
  // a rejected number that is rejected anew with another amount
  const recounted = (before === undefined ? 0 : fenOf(before)) !== fen
  return {
    prefix,
    partner: record.oid_partner,
    member: member(record),
    version: before?.version ?? 0,
    read_token: before?.token,
    token,
    fen,
    rejected: record.state === 'rejected',
    again: trail.times !== undefined,
    due: dueAt(record, policy),
    leaves: indexesBefore.filter((index) => recounted || !indexes.includes(index)),
    enters: indexes.filter((index) => recounted || !indexesBefore.includes(index)),
    counts: { ...counts, ...countChange(before, decision) },
    early,
    guessed: guessed ? record.updated_at : undefined,
    order: {
      reserved: is.reserved - was.reserved,
      settled: is.settled - was.settled,
      contradictions: Number(record.contradiction) - Number(before?.contradiction ?? false),
      amount: record.order_amount,
      opens: opens && !breaches.includes('over_refund') && !breaches.includes('order_amount_differs'),
      claims: record.state === 'sending' && before?.state !== 'sending',
      frozen_known: breaches.includes('order_frozen') || before?.order_waived === true,
    },
    // what a cap holds uses up nothing of the day
    day: opens && !record.holds.includes('cap') ? { fen, cap: policy.dailyCapFen } : undefined,
  }
}

/** Of a refund that was rejected unread, what could be read of it. */
function fenOf({ request, legible }: RefundRecord): number {
  return request?.fen ?? legible?.fen ?? 0
}
