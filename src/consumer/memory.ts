import { readFileSync } from 'node:fs'
import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'

export interface MemoryOptions {
  /** of the consumer's queue: each subscriber has a memory of its own */
  readonly prefix: string
  readonly queue: string
  readonly leaseMs: number
  readonly rememberMs: number
}

/** What is remembered: an event, or one repetition of it that was asked for. */
export interface Remembered {
  /** id of the event */
  readonly event: string
  /** job id of a repetition that is to be handled although its event was */
  readonly replay?: string
}

/**
 * - `taken`: handle it; the lease is this token's
 * - `handled`: it was, some time ago
 * - `busy`: somebody is handling it; ask again in `forMs`
 */
export type Claim = { readonly kind: 'taken' | 'handled' } | { readonly kind: 'busy'; readonly forMs: number }

const script = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')
const claimScript = script('./claim.lua')
const renewScript = script('./renew.lua')
const finishScript = script('./finish.lua')

/** Which events were handled, and which are in somebody's hands. */
export function eventMemory(redis: Redis | Cluster, { prefix, queue, leaseMs, rememberMs }: MemoryOptions) {
  // in a cluster a script's keys stand on one server: those of one event share a hash tag
  const key = (event: string, what: string) => `refund-consumer:${prefix}:${queue}:{${event}}:${what}`
  const lease = ({ event }: Remembered) => key(event, 'lease')
  const handled = ({ event, replay }: Remembered) => key(event, replay === undefined ? 'handled' : `handled:${replay}`)

  return {
    async claim(what: Remembered, token: string): Promise<Claim> {
      const reply = z.number().parse(await redis.eval(claimScript, 2, lease(what), handled(what), token, leaseMs))
      if (reply < 0) return { kind: 'busy', forMs: -reply }
      return { kind: reply === 1 ? 'taken' : 'handled' }
    },

    /** @returns false when the lease ran out and somebody else has it */
    async renew(what: Remembered, token: string): Promise<boolean> {
      return (await redis.eval(renewScript, 1, lease(what), token, leaseMs)) === 1
    },

    /** It was handled: neither it nor, for a repetition, its event is handled again. */
    async remember(what: Remembered, token: string): Promise<void> {
      const keys = new Set([handled(what), handled({ event: what.event })])
      await redis.eval(finishScript, 1 + keys.size, lease(what), ...keys, token, rememberMs)
    },

    /** It was not handled: the next may take it at once. */
    async release(what: Remembered, token: string): Promise<void> {
      await redis.eval(finishScript, 1, lease(what), token, rememberMs)
    },
  }
}

export type EventMemory = ReturnType<typeof eventMemory>
