import { expect, test } from 'vitest'
import { durabilityFaults } from '../../src/redis/durability.ts'
import { ask } from './ask.ts'
import { connect, ownSentinel } from './owned.ts'

test('the durability gate judges the master that sentinels name, its replicas, and the next master', async () => {
  const topology = await ownSentinel()
  const redis = connect(topology)
  expect(await durabilityFaults(redis)).toEqual([])
  const [replica] = await topology.replicas()
  await ask(replica?.port ?? 0, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
  expect(await durabilityFaults(redis)).toEqual([
    'redis replica: maxmemory-policy must be noeviction, it is allkeys-lru',
  ])
  replica?.freeze()
  expect(await durabilityFaults(redis)).toEqual([])
  replica?.thaw()
  await topology.failedOver(await topology.killMaster())
  expect(await durabilityFaults(redis)).toEqual(['redis: maxmemory-policy must be noeviction, it is allkeys-lru'])
})
