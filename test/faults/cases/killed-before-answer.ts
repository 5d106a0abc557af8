import { eventually } from '../../support/eventually.ts'
import type { FaultCase } from '../fault-case.ts'
import { broughtTo, WITHIN } from '../worker-log.ts'

const COUNT = 10

/** Nobody learns it by chance: no notification comes, and queries deny the refund until the claim has run out. */
export const killedBeforeAnswer: FaultCase = {
  number: 2,
  title: 'kill -9 of the worker after the gateway accepted, before its answer arrives',
  async play(open) {
    const stage = await open({
      simulator: {
        scriptFor: () => ({ submit: ['accept_then_timeout'], deny_queries_for: 5000, notify: ['lost'] }),
      },
      // the answer is waited for long enough to be killed in between
      settings: { GATEWAY_TIMEOUT_MS: '3000' },
    })
    const worker = await stage.start()
    await stage.addMany(COUNT)
    await eventually(() => stage.simulator.refunds().length === COUNT, WITHIN)
    await worker.kill()
    if (broughtTo(worker, 'unknown').size > 0) throw new Error('an answer was given up before the kill')
    await stage.start({ settings: { GATEWAY_TIMEOUT_MS: '1000' } })
  },
}
