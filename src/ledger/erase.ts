import { randomUUID } from 'node:crypto'
import type { RefundRecord } from '../refund/record.ts'
import { encodeRecord } from './codec.ts'
import type { LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

const replaceData = luaScript('./replace-data.lua')

/** Forgetting people, and not their refunds. */
export function erasing(redis: RedisClient, keys: LedgerKeys) {
  return {
    /**
     * Takes the metadata out of a record; everything that the books need stays.
     *
     * @returns false when the record has changed since it was read
     */
    async eraseMetadata(record: RefundRecord): Promise<boolean> {
      const { metadata: _metadata, ...rest } = record
      const { version, token = '' } = record
      const reply = await replaceData(redis, [keys.record(record)], [version, token, randomUUID(), encodeRecord(rest)])
      return reply === 1
    },
  }
}
