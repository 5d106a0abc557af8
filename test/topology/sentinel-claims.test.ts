import { expect, test } from 'vitest'
import { claim, idOf } from '../ledger/fixture.ts'
import { eventually } from '../support/eventually.ts'
import { ask } from './ask.ts'
import { ledgerOn } from './ledger-on.ts'
import { connect, ownSentinel, UNTIL_CONFIRMED } from './owned.ts'
import { STEADY } from './sentinel.ts'

test('a claim is confirmed by a replica that has it, and not by one that is cut off or frozen', async () => {
  const topology = await ownSentinel({ downAfterMs: STEADY })
  const { ledger, accept } = ledgerOn(connect(topology))
  await accept('R1', claim())
  await eventually(async () => await ledger.confirmed(idOf('R1'), 'token-1'), UNTIL_CONFIRMED)
  expect(await ledger.confirmed(idOf('R1'), 'another token')).toBe(false)
  await topology.lagReplicas()
  expect(await ledger.confirmed(idOf('R1'), 'token-1')).toBe(false)
  await topology.catchUp()
  const [replica] = await topology.replicas()
  replica?.freeze()
  expect(await ledger.confirmed(idOf('R1'), 'token-1')).toBe(false)
  replica?.thaw()
  await eventually(async () => await ledger.confirmed(idOf('R1'), 'token-1'), UNTIL_CONFIRMED)
})

test('a claim that a failover lost is not confirmed by the master that never had it', async () => {
  const topology = await ownSentinel()
  const { ledger, accept } = ledgerOn(connect(topology))
  await accept('R1')
  expect((await ledger.read(idOf('R1'))).record?.state).toBe('waiting')
  await eventually(async () => expect(await ask(await topology.masterPort(), 'WAIT', 1, 1000)).toBe(1), UNTIL_CONFIRMED)
  await topology.lagReplicas()
  await accept('R2', claim())
  const old = await topology.killMaster()
  expect(await ledger.confirmed(idOf('R2'), 'token-1').catch(() => false)).toBe(false)
  await topology.failedOver(old)
  await old.restart()
  await topology.settled()
  // the new master has a replica to wait for, so that only the missing claim can be the reason
  await eventually(async () => expect(await ask(await topology.masterPort(), 'WAIT', 1, 1000)).toBe(1), UNTIL_CONFIRMED)
  await accept('R3', claim('token-3'))
  await eventually(async () => await ledger.confirmed(idOf('R3'), 'token-3'), UNTIL_CONFIRMED)
  expect(await ledger.confirmed(idOf('R2'), 'token-1')).toBe(false)
})
