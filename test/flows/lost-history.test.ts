import { expect, test } from 'vitest'
import { decide } from '../../src/flows/decide.ts'
import type { Ledger } from '../../src/flows/ports.ts'
import { member } from '../../src/ledger/keys.ts'
import { luaSource } from '../../src/ledger/script.ts'
import { idOf } from '../ledger/fixture.ts'
import { NUMBER, operator, submits } from '../refund/builders.ts'
import { type World, world } from './world.ts'

const id = idOf(NUMBER)
const QUICK = { retry: { baseMs: 5, factor: 1, capMs: 5, jitter: 0 } }

/** The record as a replica has it. */
async function replicated({ at }: World): Promise<Buffer> {
  const bytes = await at.redis.dumpBuffer(at.keys.record(id))
  if (!bytes) throw new Error('there is no record')
  return bytes
}

/** A failover to that replica: what was written since is gone. */
async function failOver({ at }: World, bytes: Buffer): Promise<void> {
  await at.redis.restore(at.keys.record(id), 0, bytes, 'REPLACE')
}

test.for([
  ['at once', 0],
  ['later than a claim may be sent', 4_000],
] as const)(
  'a decision made from a version that a failover lost undoes no claim of the same version (written %s)',
  async ([, lateMs]) => {
    let beforeCommit: (() => Promise<void>) | undefined
    const wrap = (ledger: Ledger): Ledger => ({
      ...ledger,
      commit: async (...change) => {
        const hook = beforeCommit
        beforeCommit = undefined
        await hook?.()
        return await ledger.commit(...change)
      },
    })
    const a = world({ wrap, policy: QUICK })
    const b = world({ with: a, policy: QUICK })
    a.gateway.submitScript.push(() => submits.neverLeft)
    await a.submit()
    const kept = await replicated(a)
    await decide(a.engine, id, () => operator.requery)
    await a.dueTime()

    const paid = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<void>()
    a.gateway.submitScript.push(async (request, mayWrite) => {
      await a.gateway.honestly(request, mayWrite)
      paid.resolve()
      await answered.promise
      return submits.timeout
    })
    let other: Promise<unknown> = Promise.resolve()
    beforeCommit = async () => {
      await failOver(a, kept)
      await b.dueTime()
      other = b.look()
      await paid.promise
      a.clock.monotonicMs += lateMs
    }
    await a.look()
    answered.resolve()
    await other
    a.gateway.status = '2'
    await b.settle()
    expect(a.gateway.paymentsOf(NUMBER)).toBe(1)
  },
)

test('a job that opened a rejected number again stays when a failover lost that', async () => {
  const touch = luaSource('./touch-record.lua', './record.lua')
  let failover = async () => {}
  const at = world({
    policy: { maxRefundFen: 30_000 },
    wrap: (ledger) => ({
      ...ledger,
      commit: async (...change) => {
        const result = await ledger.commit(...change)
        await failover()
        return result
      },
      confirmed: async (record, token = '') =>
        (await at.at.redis.eval(touch, 1, at.at.keys.record(record), token, String(record.version))) === 1,
    }),
  })
  expect((await at.submit({ money_refund: '1.' })).kind).toBe('failed')
  const kept = await replicated(at)
  failover = async () => {
    await failOver(at, kept)
    await at.at.redis.zrem(at.at.keys.due, member(id))
  }
  expect((await at.submit({ money_refund: '400.00' }, 'job-2')).kind).toBe('later')
})
