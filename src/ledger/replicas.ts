import { isReplicated } from '../redis/replicated.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { LedgerKeys } from './keys.ts'
import { luaSource, type RedisClient } from './script.ts'

const touchRecord = luaSource('./touch-record.lua', './record.lua')

/** Confirms that replicas have what was written about a refund. */
export function replicas(redis: RedisClient, keys: LedgerKeys, wanted: number) {
  return {
    /**
     * Whether enough replicas have a record, in this version or a later one.
     *
     * @param token of the claim that must stand in it
     */
    confirmed: async (record: RefundIdentity & { readonly version?: number }, token = ''): Promise<boolean> =>
      isReplicated(redis, wanted, {
        script: touchRecord,
        keys: [keys.record(record)],
        args: [token, String(record.version ?? 1)],
      }),
  }
}
