import type { FaultCase } from '../fault-case.ts'
import { broughtTo, fill, paid, tookOver } from '../worker-log.ts'

const EACH = 5
/** Past the lock, within the time in which a claimed request may start. */
const SOON_MS = 2_000
/** Past the claim: another worker has asked about the refund and sent it meanwhile. */
const LATE_MS = 15_000

/** One worker's event loop is blocked past its locks, another's past its claims too, with their requests not sent yet. */
export const blockedEventLoop: FaultCase = {
  number: 8,
  title: 'event loop blocked past the lock',
  async play(open) {
    const stage = await open({
      settings: { LOCK_DURATION_MS: '500', STALLED_INTERVAL_MS: '100', GATEWAY_TIMEOUT_MS: '500' },
    })
    const settings = { SUBMIT_CONCURRENCY: String(EACH) }
    const other = await stage.start()
    const soon = await stage.start({ stopAt: ['before_request'], settings })
    const late = await stage.start({ stopAt: ['before_request'], settings })
    await fill(stage, [soon, late], EACH)
    const began = performance.now()
    soon.go('before_request', SOON_MS)
    late.go('before_request', LATE_MS)
    await tookOver(other)
    await paid(stage, broughtTo(late, 'sending'))
    if (performance.now() - began > LATE_MS) throw new Error('the block was over before another had sent')
    late.signal('SIGTERM')
    await late.ended
  },
}
