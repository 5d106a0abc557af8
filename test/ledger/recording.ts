import type { Redis } from 'ioredis'
import { z } from 'zod'

export interface Recording {
  /** Stands between a ledger and its connection. */
  readonly through: (redis: Redis) => Redis
  /** Sends the last commit again, argument by argument, as a client does that missed the reply. */
  resendCommit(): Promise<unknown>
  /** The token that the last commit would have given its record, also when it was refused. */
  readonly lastToken: () => string
  readonly commits: () => number
}

type Command = 'evalsha' | 'eval'

/** Only `commit.lua` has so many keys. */
const COMMIT_KEYS = 8

const change = z.object({ token: z.string() })

/** A client that remembers the commits that went through it. */
export function recording(): Recording {
  const commits: { readonly change: unknown; readonly again: () => Promise<unknown> }[] = []
  const last = () => {
    const commit = commits.at(-1)
    if (commit === undefined) throw new Error('nothing was committed yet')
    return commit
  }
  return {
    through: (redis) =>
      new Proxy(redis, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name)
          if (typeof value !== 'function') return value
          const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args)
          if (!isScript(name)) return call
          return (...args: unknown[]) => {
            const keys = Number(args[1])
            if (keys >= COMMIT_KEYS) commits.push({ change: args[2 + keys], again: async () => call(...args) })
            return call(...args)
          }
        },
      }),
    resendCommit: async () => last().again(),
    lastToken: () => change.parse(JSON.parse(String(last().change))).token,
    commits: () => commits.length,
  }
}

const isScript = (name: string | symbol): name is Command => name === 'evalsha' || name === 'eval'
