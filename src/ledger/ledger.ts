import type { Policy } from '../refund/policy.ts'
import { aliveIndex } from './alive.ts'
import { books } from './books.ts'
import { counts } from './counts.ts'
import { dueIndex } from './due.ts'
import { type GatePolicy, gate, isUnlimited } from './gate.ts'
import { ledgerKeys } from './keys.ts'
import { operating } from './operating.ts'
import { outbox } from './outbox.ts'
import { refundRecords } from './records.ts'
import { replicas } from './replicas.ts'
import type { RedisClient } from './script.ts'
import { settledRefunds } from './settled.ts'
import { toldSettings } from './told-settings.ts'
import { unmatchedNotices } from './unmatched.ts'
import { viewing } from './view.ts'
import { walking } from './walk.ts'

export interface LedgerOptions {
  /** hash-tagged, e.g. `{refunds}` */
  readonly prefix: string
  readonly policy: Policy
  /** of a merchant with figures of its own */
  readonly policyOf?: (oid_partner: string) => Policy | undefined
  readonly gate: GatePolicy
  readonly retentionDays: number
  /** replicas that must have a claim before its request is sent, and an event before it is published */
  readonly waitReplicas: number
  /** told of a due record that cannot be read: a person must look */
  readonly onUnreadable: (error: unknown) => void
}

/** The truth about refunds, in Redis. */
export function createLedger(redis: RedisClient, { prefix, policy, ...options }: LedgerOptions) {
  const policyOf = (oid_partner: string) => options.policyOf?.(oid_partner) ?? policy
  const keys = ledgerKeys(prefix)
  return {
    ...refundRecords(redis, prefix, keys, policyOf, (oid_partner) => isUnlimited(options.gate, oid_partner)),
    ...gate(redis, keys, options.gate),
    ...dueIndex(redis, prefix, keys, options.gate, options.onUnreadable),
    ...unmatchedNotices(redis, keys, options.retentionDays),
    ...replicas(redis, keys, options.waitReplicas),
    ...counts(redis, prefix, keys),
    ...operating(redis, keys),
    ...walking(redis, keys, options.onUnreadable),
    ...viewing(redis, prefix, keys),
    ...aliveIndex(redis, keys),
    ...settledRefunds(redis, prefix, keys),
    ...books(redis, keys),
    ...toldSettings(redis, keys),
    /** @param connection one of its own, since it blocks */
    outboxOf: (publisher: string, connection: RedisClient) => outbox(connection, keys, publisher, options.waitReplicas),
  }
}

export type Ledger = ReturnType<typeof createLedger>
