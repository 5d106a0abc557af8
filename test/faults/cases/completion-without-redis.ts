import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../support/eventually.ts'
import { singleRedis } from '../case-redis.ts'
import { PATIENT } from '../dealt.ts'
import type { FaultCase } from '../fault-case.ts'

const JOBS = 12
const LOCK_MS = Number(PATIENT.LOCK_DURATION_MS)

export const completionWithoutRedis: FaultCase = {
  number: 14,
  title: 'Redis away for longer than the lock at completion',
  async play(open) {
    const redis = await singleRedis()
    const stage = await open({
      redis,
      // final with the answer, so that the same job settles the refund and completes; or paid, and the answer lost.
      // No notification settles it first.
      simulator: {
        settleMs: 0,
        scriptFor: (no_refund) => ({ notify: ['lost'], submit: no_refund.startsWith('D') ? ['accept_then_drop'] : [] }),
      },
      settings: { ...PATIENT, SUBMIT_CONCURRENCY: String(JOBS) },
    })
    const unsure = await stage.start({ stopAt: ['after_answer'] })
    await stage.addMany(JOBS, 'D')
    await eventually(() => stage.simulator.book.length === JOBS, { timeoutMs: 60_000 })
    await unsure.reached('after_answer')
    const settled = await stage.start({ stopAt: ['after_settled'] })
    await stage.addMany(JOBS, 'S')
    await eventually(() => stage.simulator.book.length === 2 * JOBS, { timeoutMs: 60_000 })
    await settled.reached('after_settled')

    await redis.server.kill()
    unsure.go('after_answer')
    settled.go('after_settled')
    await sleep(LOCK_MS + 500)
    await redis.server.restart()
    await eventually(
      () => [unsure, settled].some(({ stdout }) => stdout().includes('taken from a worker that went silent')),
      {
        timeoutMs: 60_000,
      },
    )
  },
}
