import type { Cluster, Redis } from 'ioredis'
import { type Decided, decide } from '../flows/decide.ts'
import type { Log } from '../flows/ports.ts'
import { ledgerKeys } from '../ledger/keys.ts'
import { refundRecords } from '../ledger/records.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { Snapshot } from '../refund/snapshot.ts'
import { NO_POLICY } from './no-policy.ts'

/** The trail has the name of who cancelled; a log line would stand in another service. */
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** The ledger, as far as a producer may read and write it. */
export function refundBook(redis: Redis | Cluster, prefix: string) {
  const records = refundRecords(
    redis,
    prefix,
    ledgerKeys(prefix),
    () => NO_POLICY,
    () => false,
  )
  const deciding = {
    ledger: { ...records, count: async () => {} },
    policy: NO_POLICY,
    random: Math.random,
    log: silent,
  }
  return {
    read: async (id: RefundIdentity): Promise<Snapshot> => records.read(id),
    /** By the same rules as every other word about a refund. */
    cancel: async (id: RefundIdentity, { by, reason }: { by: string; reason: string }): Promise<Decided> =>
      decide(deciding, id, ({ safeStart }) => {
        return { type: 'cancel', by, reason, ...(safeStart !== undefined && { safeStart }) }
      }),
  }
}

export type RefundBook = ReturnType<typeof refundBook>
