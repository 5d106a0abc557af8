import { expect, test } from 'vitest'
import { idOf } from '../ledger/fixture.ts'
import { NUMBER } from '../refund/builders.ts'
import { world } from './world.ts'

test('a refund that was paid after the backup is found by a query, and not sent again', async () => {
  const at = world()
  const { redis, keys } = at.at
  const key = keys.record(idOf(NUMBER))
  // accepted, not sent: the claim found no leave
  at.gateway.submitScript.push(() => ({ kind: 'never_left', reason: 'refused', unreachable: false }))
  await at.submit()
  const backup = await redis.dumpBuffer(key)
  if (!backup) throw new Error('nothing to back up')
  await at.dueTime()
  await at.look()
  expect(at.gateway.book).toHaveLength(1)

  await redis.restore(key, 0, backup, 'REPLACE')
  await redis.set(keys.safeStart, Date.now())
  at.gateway.status = '2'
  const record = await at.settle()
  expect(record).toMatchObject({ state: 'succeeded', settled_by: 'query' })
  expect(at.gateway.book).toHaveLength(1)
})
