import { z } from 'zod'
import type { LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

/** Of a key of the settings: whose, what for, its fingerprint, its place among those, and how often it was used lately. */
export interface ToldKey {
  readonly oid_partner: string
  readonly use: 'sign' | 'verify'
  readonly fingerprint: string
  readonly place: number
  readonly times: number
}

/** What a process says about the settings of merchants that it works with. */
export interface ToldSettings {
  /** the same for two processes that work with the same */
  readonly digest: string
  /** that its files have now; it goes on with what it had before */
  readonly faults: number
  /** each with its uses since the process told last */
  readonly keys: readonly ToldKey[]
}

const FORGET_AFTER_MS = 86_400_000

const tellScript = luaScript('./tell-settings.lua')

const loaded = z.object({
  digest: z.string(),
  at: z.number(),
  faults: z.number(),
  failedSince: z.number().exactOptional(),
  seen: z.number(),
})
const keyName = z.tuple([z.string(), z.enum(['sign', 'verify']), z.string(), z.string()])
const key = z.object({
  place: z.coerce.number(),
  since: z.coerce.number(),
  seen: z.coerce.number(),
  last: z.coerce.number().exactOptional(),
  times: z.coerce.number().default(0),
})

/** Which settings of merchants the processes of the fleet work with, and what became of each key. */
export function toldSettings(redis: RedisClient, keys: LedgerKeys) {
  return {
    /** @param process `<host>:<pid>:<role>+<role>` */
    async tellSettings(process: string, told: ToldSettings): Promise<void> {
      const uses = told.keys.flatMap(({ oid_partner, use, fingerprint, place, times }) => [
        `${oid_partner} ${use} ${fingerprint}`,
        place,
        times,
      ])
      await tellScript(redis, [keys.loaded, keys.keys], [process, told.digest, told.faults, FORGET_AFTER_MS, ...uses])
    },

    async forgetSettings(process: string): Promise<void> {
      await redis.hdel(keys.loaded, process)
    },

    /** What each process told last; `seen` is when, epoch ms. */
    async loadedSettings() {
      const stored = await redis.hgetall(keys.loaded)
      return Array.from(Object.entries(stored), ([process, text]) => ({ process, ...loaded.parse(JSON.parse(text)) }))
    },

    /** Every key that a process ever told of; `seen` is when the last process did, epoch ms. */
    async toldKeys() {
      const fields = new Map<string, Record<string, string>>()
      for (const [field, value] of Object.entries(await redis.hgetall(keys.keys))) {
        const [oid_partner, use, fingerprint, name] = keyName.parse(field.split(' '))
        const whole = `${oid_partner} ${use} ${fingerprint}`
        fields.set(whole, { ...fields.get(whole), [name]: value })
      }
      return Array.from(fields, ([whole, values]) => {
        const [oid_partner, use, fingerprint] = keyName.parse([...whole.split(' '), ''])
        return { oid_partner, use, fingerprint, ...key.parse(values) }
      })
    },
  }
}
