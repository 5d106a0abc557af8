import { startGateway } from '../support/gateway.ts'
import { pairs } from '../support/pairs.ts'
import { type Result, result } from '../support/results.ts'
import { openSide } from '../support/side.ts'
import type { Stage } from '../support/stage.ts'
import { median } from '../support/statistics.ts'

/**
 * What two processes, and what a thread for signatures, bring on this machine to a worker that has no ledger: a measure of
 * what ours could gain by them.
 */
export async function ceiling(stage: Stage): Promise<Result[]> {
  const gateway = await startGateway(stage)
  const naive = await openSide(stage, { name: 'naive', kind: 'naive', gateway })
  const two = await openSide(stage, { name: 'two naive', kind: 'naive', gateway, processes: 2 })
  const env = { SIGN_IN: 'pool', UV_THREADPOOL_SIZE: '1' }
  const threaded = await openSide(stage, { name: 'naive, thread', kind: 'naive', gateway, env })
  const sides = [naive, two, threaded] as const
  const rounds = await pairs(stage, { gateway, sides, refunds: stage.quick ? 2_000 : 10_000 })
  const perSecond = (side: 0 | 1 | 2) => `${median(rounds.map((round) => round[side].perSecond)).toFixed(0)}/s`
  return [
    result({
      name: 'ceiling: two naive workers',
      values: rounds.map(([one, both]) => both.perSecond / one.perSecond),
      detail: `one ${perSecond(0)}, two ${perSecond(1)}`,
    }),
    result({
      name: 'ceiling: a naive worker that signs in a thread',
      values: rounds.map(([one, , other]) => other.perSecond / one.perSecond),
      detail: `without ${perSecond(0)}, with ${perSecond(2)}`,
    }),
  ]
}
