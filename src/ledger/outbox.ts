import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { isReplicated } from '../redis/replicated.ts'
import type { LedgerKeys } from './keys.ts'
import { luaScript, type RedisClient } from './script.ts'

/** An event that left with the commit of its state; `entry` is its place in the outbox. */
export interface OutboxEntry {
  readonly entry: string
  /** the event, JSON */
  readonly event: string
}

const forgetPublished = luaScript('./forget-published.lua')
const touchEntry = readFileSync(new URL('./touch-entry.lua', import.meta.url), 'utf8')

const GROUP = 'publish'
const FORGET_AFTER_MS = 86_400_000
const entries = z.array(z.tuple([z.string(), z.array(z.string()).nullable()]))
const readReply = z.array(z.tuple([z.string(), entries])).nullable()
const pairs = z.array(z.union([z.string(), z.number()]))
const consumers = z.array(
  pairs.transform((flat) => {
    const field = (name: string) => flat[flat.indexOf(name) + 1]
    return { name: String(field('name')), pending: Number(field('pending')), idle: Number(field('idle')) }
  }),
)
const claimReply = z.tuple([z.string(), entries], z.unknown())

/**
 * The outbox as one publisher sees it.
 *
 * @param redis a connection of its own: `next` blocks it
 * @param publisher a name that no other publisher has
 * @param waitReplicas so many replicas must have an event before it is handed out
 */
export function outbox(redis: RedisClient, keys: LedgerKeys, publisher: string, waitReplicas: number) {
  /** An event that is seen outside may not be undone by a failover: what is not confirmed is left for later. */
  async function confirmed(taken: OutboxEntry[]): Promise<OutboxEntry[]> {
    const last = taken.at(-1)
    if (!last) return taken
    const touch = { script: touchEntry, keys: [keys.outbox, keys.outboxConfirmed], args: [last.entry] } as const
    return (await isReplicated(redis, waitReplicas, touch)) ? taken : []
  }

  return {
    /** Makes the consumer group, once for ever, and forgets publishers that died long ago. */
    async open(): Promise<void> {
      try {
        await redis.xgroup('CREATE', keys.outbox, GROUP, '0', 'MKSTREAM')
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error
      }
      const members = consumers.parse(await redis.xinfo('CONSUMERS', keys.outbox, GROUP))
      const gone = members.filter(({ pending, idle }) => pending === 0 && idle > FORGET_AFTER_MS)
      for (const { name } of gone) await redis.xgroup('DELCONSUMER', keys.outbox, GROUP, name)
    },

    /** Events that nobody has taken yet; waits up to `blockMs` for the first. */
    async next(limit: number, blockMs: number): Promise<OutboxEntry[]> {
      const reply = await redis.xreadgroup(
        'GROUP',
        GROUP,
        publisher,
        'COUNT',
        limit,
        'BLOCK',
        blockMs,
        'STREAMS',
        keys.outbox,
        '>',
      )
      return confirmed((readReply.parse(reply) ?? []).flatMap(([, taken]) => taken.flatMap(entryOf)))
    },

    /** Events that another publisher, or this one before a failure, took longer than `idleMs` ago and did not finish. */
    async abandoned(limit: number, idleMs: number): Promise<OutboxEntry[]> {
      const reply = await redis.xautoclaim(keys.outbox, GROUP, publisher, idleMs, '0', 'COUNT', limit)
      const [, taken] = claimReply.parse(reply)
      return confirmed(taken.flatMap(entryOf))
    },

    /** Published: nothing of it stays. */
    async done(published: readonly OutboxEntry[]): Promise<void> {
      const ids = published.map(({ entry }) => entry)
      if (ids.length === 0) return
      await forgetPublished(redis, [keys.outbox, keys.counts], [GROUP, ...ids])
    },

    /** Takes this publisher off the group, unless events that it took are still to be claimed by another. */
    async leave(): Promise<void> {
      const pending = await redis.xpending(keys.outbox, GROUP, '-', '+', 1, publisher)
      if (pending.length === 0) await redis.xgroup('DELCONSUMER', keys.outbox, GROUP, publisher)
    },
  }
}

function entryOf([entry, fields]: [string, string[] | null]): OutboxEntry[] {
  const event = fields?.[fields.indexOf('event') + 1]
  return event === undefined ? [] : [{ entry, event }]
}
