import { expect, test } from 'vitest'
import { ledgerKeys } from '../../src/ledger/keys.ts'
import { idOf } from '../ledger/fixture.ts'
import { ledgerOn, PREFIX } from './ledger-on.ts'
import { anotherMaster, connect, ownCluster } from './owned.ts'

test('every script of the ledger finds its keys in one slot, while that slot moves', async () => {
  const topology = await ownCluster()
  const redis = connect(topology)
  const { ledger, accept } = ledgerOn(redis)
  const outbox = ledger.outboxOf('publisher', connect(topology))
  await outbox.open()
  const numbers = Array.from({ length: 40 }, (_, index) => `R${index}`)
  for (const no_refund of numbers) await accept(no_refund)
  const move = { isOver: false, rounds: 0 }
  const work = async () => {
    while (!move.isOver || move.rounds < 3) {
      move.rounds += 1
      const id = idOf(`R${move.rounds % numbers.length}`)
      expect((await ledger.read(id)).record?.state).toBe('waiting')
      expect((await accept(`new-${move.rounds}`)).record?.state).toBe('waiting')
      expect(await ledger.admit(id, 'query')).toMatchObject({ go: true })
      await ledger.report(id, 'answered')
      await ledger.takeDue(3, 1000)
      await ledger.retire(1_000_000, 10)
      await ledger.keepUnmatched(idOf(`unknown-${move.rounds}`), { fen: 100, fields: {} })
      await ledger.count({ test: 1 })
      await ledger.beat('worker:1:query')
      await redis.xadd(ledgerKeys(PREFIX).outbox, '*', 'event', '{}')
      await outbox.done(await outbox.next(10, 100))
      await outbox.abandoned(10, 0)
    }
  }
  const moving = async () => {
    const options = { batch: 2, pauseMs: 10 }
    const count = await topology.moveSlot(PREFIX, await anotherMaster(topology, PREFIX), options)
    move.isOver = true
    return count
  }
  const [moved] = await Promise.all([moving(), work()])
  expect(moved).toBeGreaterThan(40)
  for (const no_refund of numbers) expect((await ledger.read(idOf(no_refund))).record?.state).toBe('waiting')
  await outbox.leave()
})
