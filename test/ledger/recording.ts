import type { Redis } from 'ioredis'

export interface Recording {
  /** Stands between a ledger and its connection. */
  readonly through: (redis: Redis) => Redis
  /** Sends the last commit again, argument by argument, as a client does that missed the reply. */
  resendCommit(): Promise<unknown>
  readonly commits: () => number
}

type Command = 'evalsha' | 'eval'

/** Only `commit.lua` has so many keys. */
const COMMIT_KEYS = 8

/** A client that remembers the commits that went through it. */
export function recording(): Recording {
  const commits: (() => Promise<unknown>)[] = []
  return {
    through: (redis) =>
      new Proxy(redis, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name)
          if (typeof value !== 'function') return value
          const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args)
          if (!isScript(name)) return call
          return (...args: unknown[]) => {
            if (Number(args[1]) >= COMMIT_KEYS) commits.push(async () => call(...args))
            return call(...args)
          }
        },
      }),
    async resendCommit() {
      const last = commits.at(-1)
      if (last === undefined) throw new Error('nothing was committed yet')
      return await last()
    },
    commits: () => commits.length,
  }
}

const isScript = (name: string | symbol): name is Command => name === 'evalsha' || name === 'eval'
