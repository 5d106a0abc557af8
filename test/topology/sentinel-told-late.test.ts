import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { connect, ownSentinel } from './owned.ts'

test('no connection is given up for good when sentinels tell of a failover while it is looking for the master', {
  timeout: 60_000,
}, async () => {
  const topology = await ownSentinel()
  const redis = connect(topology)
  await redis.ping()
  const sentinel = await eventually(() => sentinelOf(redis) ?? false)
  redis.once('connecting', () => {
    // it asks a sentinel by now
    setImmediate(() => sentinel.emit('message', '+switch-master'))
  })
  await topology.failedOver(await topology.killMaster())
  expect(await redis.ping()).toBe('PONG')
})

/** The connection to a sentinel by which ioredis hears of a failover. */
function sentinelOf(redis: object): Redis | undefined {
  let found: unknown = redis
  for (const name of ['connector', 'failoverDetector', 'sentinels', 0, 'client']) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined
  }
  return found instanceof Redis ? found : undefined
}
