import { eventually } from '../../support/eventually.ts'
import type { FaultCase } from '../fault-case.ts'
import { broughtTo, WITHIN } from '../worker-log.ts'

const COUNT = 10

export const killedBeforeCommit: FaultCase = {
  number: 3,
  title: 'kill -9 of the worker after the answer, before the commit',
  async play(open) {
    const stage = await open({
      simulator: {
        settleMs: 0,
        // half of them are not known to queries at first: only the record can tell that they were sent
        scriptFor: (no_refund) => ({
          notify: ['lost'],
          ...(Number(no_refund.at(-1)) % 2 === 0 && { deny_queries_for: 2500 }),
        }),
      },
    })
    const worker = await stage.start({ stopAt: ['after_answer'] })
    await stage.addMany(COUNT)
    await worker.reached('after_answer')
    await eventually(() => stage.simulator.book.length === COUNT, WITHIN)
    await worker.kill()
    if (broughtTo(worker, 'succeeded').size > 0) throw new Error('an answer was committed before the kill')
    await stage.start()
  },
}
