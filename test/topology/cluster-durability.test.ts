import { expect, test } from 'vitest'
import { durabilityFaults } from '../../src/redis/durability.ts'
import { eventually } from '../support/eventually.ts'
import { ask } from './ask.ts'
import { connect, ownCluster } from './owned.ts'

test('the durability gate judges every master and every replica', async () => {
  const topology = await ownCluster()
  const redis = connect(topology)
  expect(await durabilityFaults(redis)).toEqual([])
  const masters = await topology.masters()
  for (const server of topology.servers) {
    const who = masters.includes(server) ? 'redis' : 'redis replica'
    await ask(server.port, 'CONFIG', 'SET', 'appendfsync', 'everysec')
    // a replica that is slow to answer, on a machine under load, is no fault
    await eventually(async () =>
      expect(await durabilityFaults(redis)).toEqual([`${who}: appendfsync must be always, it is everysec`]),
    )
    await ask(server.port, 'CONFIG', 'SET', 'appendfsync', 'always')
  }
  const replica = topology.servers.find((server) => !masters.includes(server))
  replica?.freeze()
  const asked = performance.now()
  expect(await durabilityFaults(redis)).toEqual([])
  expect(performance.now() - asked).toBeLessThan(4000)
})
