import { pino } from 'pino'
import { expect, inject, test } from 'vitest'
import { createConsumer } from '../../src/package/consumer.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'

const SECRET = 'redis-pass-7Qk2vT9wXz'

test('a consumer that Redis turns away writes no password into the log of the service that it is part of', async () => {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
  const redis = new URL(inject('redisUrl'))
  redis.username = 'nobody'
  redis.password = SECRET
  const consumer = createConsumer({ redis: redis.href, handle: async () => {}, log })
  cleanUp(async () => consumer.close(100))
  await eventually(() => expect(lines.join('')).toContain('WRONGPASS'), { timeoutMs: 20_000 })
  expect(lines.join('')).not.toContain(SECRET)
})
