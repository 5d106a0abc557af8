import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ask } from './ask.ts'
import { connect, ownSentinel } from './owned.ts'

/** Above a vote of some three seconds, and below the time after which any silent server is left. */
const BEFORE_SOCKET_TIMEOUT_MS = 15_000

test('a patient connection follows the master through its death', async () => {
  const topology = await ownSentinel()
  const redis = connect(topology)
  await redis.set('before', '1')
  await ask(await topology.masterPort(), 'WAIT', 1, 1000)
  const old = await topology.killMaster()
  const during = redis.set('during', '1')
  expect(await during).toBe('OK')
  const port = await topology.failedOver(old)
  expect(await ask(port, 'MGET', 'before', 'during')).toEqual(['1', '1'])
})

test('a frozen master is left as soon as it is voted out, and nothing is written to it when it comes back', async () => {
  const topology = await ownSentinel()
  const redis = connect(topology)
  await redis.ping()
  const asked = performance.now()
  const old = await topology.freezeMaster()
  expect(await redis.set('during', '1')).toBe('OK')
  expect(performance.now() - asked).toBeLessThan(BEFORE_SOCKET_TIMEOUT_MS)
  old.thaw()
  await redis.set('after', '1')
  const port = await topology.failedOver(old)
  expect(await ask(port, 'MGET', 'during', 'after')).toEqual(['1', '1'])
})

test('a frozen master is left in time although every sentinel was restarted since the connection was made', async () => {
  const topology = await ownSentinel()
  const redis = connect(topology)
  await redis.ping()
  for (const sentinel of topology.sentinelProcesses) await sentinel.restart()
  await sleep(2100)
  const asked = performance.now()
  await topology.freezeMaster()
  expect(await redis.set('during', '1')).toBe('OK')
  expect(performance.now() - asked).toBeLessThan(BEFORE_SOCKET_TIMEOUT_MS)
})
