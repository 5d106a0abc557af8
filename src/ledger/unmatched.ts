import { z } from 'zod'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { Notice } from '../refund/observation.ts'
import type { LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

const keepScript = luaScript('./keep-unmatched.lua')
const keepReply = z.enum(['kept', 'known', 'matched'])

/** Verified notices of numbers without a record. */
export function unmatchedNotices(redis: RedisClient, keys: LedgerKeys, retentionDays: number) {
  return {
    /** @returns `matched` when a record exists by now: decide again; `known` when such a notice is kept already */
    async keepUnmatched(id: RefundIdentity, notice: Notice): Promise<'kept' | 'known' | 'matched'> {
      const reply = await keepScript(
        redis,
        [keys.record(id), keys.early(id), keys.unmatched],
        [JSON.stringify({ ...id, ...notice }), notice.dt_refund ?? '', retentionDays],
      )
      return keepReply.parse(reply)
    },
  }
}
