import { expect, test } from 'vitest'
import type { Ledger } from '../../src/flows/ports.ts'
import { submits } from '../refund/builders.ts'
import { type World, world } from './world.ts'

/** The brake is pulled when the leave to send was given, and the claim is not written yet. */
function stoppedAfterLeave(beside?: World): World {
  const order = { by: 'ops@host', at: 1, reason: 'wrong amounts' }
  const wrap = (ledger: Ledger): Ledger => ({
    ...ledger,
    async read(id) {
      const snapshot = await ledger.read(id)
      if (snapshot.open && !snapshot.record) await stop(id.oid_partner)
      return snapshot
    },
    async admit(id, call) {
      const admission = await ledger.admit(id, call)
      if (call !== 'query') await stop(id.oid_partner)
      return admission
    },
  })
  const stop = async (oid_partner: string) => at.at.ledger.stop(beside ? oid_partner : undefined, order)
  const at = world({ ...(beside && { with: beside }), wrap })
  return at
}

test('a stop that comes between the leave to send and the claim keeps a new refund from leaving', async () => {
  const at = stoppedAfterLeave()
  expect(await at.submit()).toEqual({ kind: 'done', state: 'waiting' })
  expect(at.gateway.submitCalls).toBe(0)
  expect(await at.record()).toMatchObject({ state: 'waiting', attempts: [], holds: [] })
})

test('and one that was denied for long enough from leaving again, until its merchant is let go on', async () => {
  const at = world()
  at.gateway.submitScript.push(() => submits.timeout)
  await at.submit()
  const stopping = stoppedAfterLeave(at)
  for (let looks = 0; looks < 4; looks++) {
    await at.dueTime()
    await stopping.look()
  }
  expect(at.gateway.submitCalls).toBe(1)
  expect(at.gateway.queryCalls).toBeGreaterThan(0)
  expect(await at.record()).toMatchObject({ state: 'unknown', holds: [] })
})
