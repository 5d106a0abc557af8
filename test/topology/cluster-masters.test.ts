import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { connect, ownCluster } from './owned.ts'

test('a patient connection works on through the death of a master', async () => {
  const topology = await ownCluster()
  const redis = connect(topology)
  await redis.set('{q}before', '1')
  await topology.killOwner('{q}')
  expect(await redis.set('{q}during', '1')).toBe('OK')
  await topology.settled()
  expect(await redis.mget('{q}before', '{q}during')).toEqual(['1', '1'])
})

test('a patient connection leaves a frozen master for its replacement', async () => {
  const topology = await ownCluster()
  const redis = connect(topology)
  await redis.set('{q}before', '1')
  const old = await topology.freezeOwner('{q}')
  expect(await Promise.race([redis.set('{q}during', '1'), sleep(15_000, 'held up')])).toBe('OK')
  old.thaw()
  await topology.settled()
  expect(await redis.mget('{q}before', '{q}during')).toEqual(['1', '1'])
})

test('a hasty connection fails in time while a master is away, and works with its replacement', async () => {
  const topology = await ownCluster()
  const redis = connect(topology, 'hasty')
  await redis.set('{q}before', '1')
  await topology.killOwner('{q}')
  const asked = performance.now()
  await redis.get('{q}before').catch(() => 'failed')
  expect(performance.now() - asked).toBeLessThan(5000)
  await topology.settled()
  await eventually(async () => (await redis.get('{q}before')) === '1')
})
