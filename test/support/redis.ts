import { randomUUID } from 'node:crypto'
import { Redis, type RedisOptions } from 'ioredis'
import { inject } from 'vitest'
import { cleanUp } from './clean-up.ts'
import { forTests } from './redis-users.ts'

export interface TestNamespace {
  readonly redisUrl: string
  /** For QUEUE_PREFIX, unlike any other test's; hash-tagged, so that it would do for a cluster. */
  readonly queuePrefix: string
  /** For LEDGER_PREFIX, unlike any other test's. */
  readonly ledgerPrefix: string
}

/** A test's own part of the run's Redis. Its keys are removed after the test. */
export function testNamespace(): TestNamespace {
  const redisUrl = inject('redisUrl')
  const name = `test-${randomUUID()}`
  cleanUp(async () => removeKeys(redisUrl, `{${name}-*`))
  return { redisUrl, queuePrefix: `{${name}-queue}`, ledgerPrefix: `{${name}-ledger}` }
}

/**
 * Opens a connection that is closed after the test; acquire it after the namespace that it uses. Default: the run's
 * Redis, `maxRetriesPerRequest: null` as the workers have it. A lost connection is no error event of its own.
 */
export function openRedis(url: string = inject('redisUrl'), options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
  const connection = new Redis(url, { maxRetriesPerRequest: null, ...options })
  // Tests that take Redis away expect these; a command that fails still rejects.
  connection.on('error', () => {})
  // Not `quit`, which would wait for a server that is gone.
  cleanUp(() => connection.disconnect())
  return connection
}

const scanCount = 500

async function removeKeys(url: string, pattern: string): Promise<void> {
  const connection = new Redis(forTests(url), { maxRetriesPerRequest: 1 })
  try {
    for await (const keys of connection.scanStream({ match: pattern, count: scanCount })) {
      if (Array.isArray(keys) && keys.length > 0) await connection.unlink(keys.map(String))
    }
  } finally {
    connection.disconnect()
  }
}
