import { expect, test } from 'vitest'
import { claim, idOf } from '../ledger/fixture.ts'
import { eventually } from '../support/eventually.ts'
import { ask } from './ask.ts'
import { ledgerOn, PREFIX } from './ledger-on.ts'
import { anotherMaster, connect, ownCluster, UNTIL_CONFIRMED } from './owned.ts'

test('a claim is confirmed by the replica of the owner of its slot, wherever the slot is, and not by one cut off', async () => {
  const topology = await ownCluster()
  const { ledger, accept } = ledgerOn(connect(topology))
  await accept('R1', claim())
  await eventually(async () => await ledger.confirmed(idOf('R1'), 'token-1'), UNTIL_CONFIRMED)
  expect(await ledger.confirmed(idOf('R1'), 'another token')).toBe(false)
  await topology.moveSlot(PREFIX, await anotherMaster(topology, PREFIX))
  await accept('R2', claim('token-2'))
  await eventually(async () => await ledger.confirmed(idOf('R2'), 'token-2'), UNTIL_CONFIRMED)
  await topology.lagReplicas(PREFIX)
  expect(await ledger.confirmed(idOf('R2'), 'token-2')).toBe(false)
  await topology.catchUp(PREFIX)
  await eventually(async () => await ledger.confirmed(idOf('R2'), 'token-2'), UNTIL_CONFIRMED)
})

test('a claim that a failover lost is not confirmed by the master that never had it', async () => {
  const topology = await ownCluster()
  const { ledger, accept } = ledgerOn(connect(topology))
  await accept('R1', claim())
  await eventually(async () => await ledger.confirmed(idOf('R1'), 'token-1'), UNTIL_CONFIRMED)
  await topology.lagReplicas(PREFIX)
  await accept('R2', claim('token-2'))
  const old = await topology.killOwner(PREFIX)
  expect(await ledger.confirmed(idOf('R2'), 'token-2').catch(() => false)).toBe(false)
  await topology.settled()
  await old.restart()
  await topology.settled()
  // the new master has a replica to wait for, so that only the missing claim can be the reason
  await eventually(
    async () => expect(await ask((await topology.ownerOf(PREFIX)).port, 'WAIT', 1, 500)).toBe(1),
    UNTIL_CONFIRMED,
  )
  await accept('R3', claim('token-3'))
  await eventually(async () => await ledger.confirmed(idOf('R3'), 'token-3'), UNTIL_CONFIRMED)
  expect(await ledger.confirmed(idOf('R2'), 'token-2')).toBe(false)
})
