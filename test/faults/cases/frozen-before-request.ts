import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultCase } from '../fault-case.ts'
import { broughtTo, fill, paid, tookOver } from '../worker-log.ts'

const EACH = 5

/**
 * Two workers are frozen with their claims written. One comes back when its jobs were given to another, and is still in
 * time; the other comes back when its refunds were sent by another, and must not send them any more.
 */
export const frozenBeforeRequest: FaultCase = {
  number: 7,
  title: 'SIGSTOP of the worker past its lock, then SIGCONT, before the request',
  async play(open) {
    const stage = await open({ settings: { LOCK_DURATION_MS: '500', STALLED_INTERVAL_MS: '100' } })
    const settings = { SUBMIT_CONCURRENCY: String(EACH) }
    const other = await stage.start()
    const soon = await stage.start({ stopAt: ['before_request'], settings })
    const late = await stage.start({ stopAt: ['before_request'], settings })
    await fill(stage, [soon, late], EACH)
    for (const worker of [soon, late]) worker.signal('SIGSTOP')
    await tookOver(other)
    // time for whoever does not mind a claim
    await sleep(1_000)
    soon.go('before_request')
    soon.signal('SIGCONT')

    await paid(stage, broughtTo(late, 'sending'))
    late.go('before_request')
    late.signal('SIGCONT')
    // it ends what it has under way before it stops
    late.signal('SIGTERM')
    await late.ended
  },
}
