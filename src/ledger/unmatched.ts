import { z } from 'zod'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { Notice } from '../refund/observation.ts'
import type { LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

const keepScript = luaScript('./keep-unmatched.lua', './record.lua')
const keptNotice = z.object({
  oid_partner: z.string(),
  no_refund: z.string(),
  fen: z.number().optional(),
  dt_refund: z.string().optional(),
  fields: z.record(z.string(), z.string()),
})

/** A verified notice of a number that the ledger does not know. */
export interface UnmatchedNotice extends z.infer<typeof keptNotice> {
  /** its place in the list */
  readonly entry: string
  /** when it came, epoch ms */
  readonly at: number
}

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

    /** Those that no person has seen to, oldest first. */
    async unmatchedNotices(): Promise<UnmatchedNotice[]> {
      const entries = await redis.xrange(keys.unmatched, '-', '+')
      return entries.map(([entry, fields]) => unmatchedNotice(entry, fields))
    },

    /** Takes a notice off the list. Its number stays doubted: a job of it is asked about before anything is sent. */
    async dismissUnmatched(entry: string): Promise<boolean> {
      return (await redis.xdel(keys.unmatched, entry)) === 1
    },
  }
}

function unmatchedNotice(entry: string, fields: readonly string[]): UnmatchedNotice {
  const notice = keptNotice.parse(JSON.parse(fields[fields.indexOf('notice') + 1] ?? 'null'))
  return { ...notice, entry, at: Number.parseInt(entry, 10) }
}
