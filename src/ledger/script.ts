import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Cluster, Redis } from 'ioredis'

export type RedisClient = Redis | Cluster

/** The text of a Lua script of this folder; what several scripts need stands in files of its own, before it. */
export function luaSource(file: string, ...needs: readonly string[]): string {
  return [...needs, file].map((name) => readFileSync(new URL(name, import.meta.url), 'utf8')).join('')
}

/** A Lua script; sent by its hash, and whole when the server does not have it (SCRIPT FLUSH, failover). */
export function luaScript(file: string, ...needs: readonly string[]) {
  const source = luaSource(file, ...needs)
  const sha = createHash('sha1').update(source).digest('hex')
  return async (redis: RedisClient, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return redis.eval(source, keys.length, ...keys, ...args)
    }
  }
}
