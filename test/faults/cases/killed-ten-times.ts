import { eventually } from '../../support/eventually.ts'
import type { FaultCase } from '../fault-case.ts'
import type { Stage } from '../stage.ts'
import { WITHIN } from '../worker-log.ts'

const KILLS = 10
/** More than ten workers can ask. */
const HANGING = Array.from({ length: 3 * KILLS }, () => 'timeout' as const)

/** The money of one has moved and its answer is lost; the other never arrived. Whoever asks about them is killed. */
export const killedTenTimes: FaultCase = {
  number: 6,
  title: 'the same job killed ten times',
  async play(open) {
    const stage = await open({
      settings: { LOCK_DURATION_MS: '500', STALLED_INTERVAL_MS: '100', GATEWAY_TIMEOUT_MS: '10000' },
      simulator: {
        scripts: {
          paid: { submit: ['accept_then_drop'], query: HANGING, notify: ['lost'] },
          dropped: { submit: ['drop_before'], query: HANGING },
        },
      },
    })
    const numbers = ['paid', 'dropped']
    for (const no_refund of numbers) await stage.add(no_refund)
    const jobs = await stage.refunds.getJobs()
    for (let kills = 0; kills < KILLS; kills++) {
      const before = numbers.map((no_refund) => queriesOf(stage, no_refund))
      // without a sweeper, which would give the refund another job
      const worker = await stage.start({ roles: ['submit', 'publish', 'receive', 'admin'] })
      await eventually(() => numbers.every((no_refund, at) => queriesOf(stage, no_refund) > (before[at] ?? 0)), WITHIN)
      await worker.kill()
    }
    for (const no_refund of numbers) stage.simulator.script(no_refund, {})
    await stage.start({ settings: { GATEWAY_TIMEOUT_MS: '1000' } })
    await stage.completed(numbers)
    for (const { id = '' } of jobs) {
      const killed = (await stage.refunds.getJob(id))?.stalledCounter ?? 0
      if (killed < KILLS) throw new Error(`the job ${id} was killed ${killed} times only`)
    }
  },
}

function queriesOf({ simulator }: Stage, no_refund: string): number {
  return simulator.requests.filter(({ path, fields }) => path === '/refundquery.htm' && fields.no_refund === no_refund)
    .length
}
