import { eventually } from '../../support/eventually.ts'
import type { FaultCase } from '../fault-case.ts'
import { tookOver, WITHIN } from '../worker-log.ts'

const COUNT = 10

/** The subscribers know, and neither the outbox nor the job does. */
export const killedBeforeCompletion: FaultCase = {
  number: 5,
  title: "kill -9 of the worker after the event, before BullMQ's completion write",
  async play(open) {
    const stage = await open({ simulator: { settleMs: 0, scriptFor: () => ({ notify: ['lost'] }) } })
    const worker = await stage.start({ stopAt: ['after_settled', 'after_publish'] })
    await stage.addMany(COUNT)
    await worker.reached('after_settled')
    await worker.reached('after_publish')
    await eventually(() => stage.subscriber.events.size > 0, WITHIN)
    // the first may have its event before the last is taken
    await eventually(async () => (await stage.refunds.getActiveCount()) === COUNT, WITHIN)
    if ((await stage.refunds.getCompletedCount()) > 0) throw new Error('a job was completed')
    await worker.kill()
    const next = await stage.start()
    await tookOver(next)
  },
}
