import { startGateway } from '../support/gateway.ts'
import { pairs } from '../support/pairs.ts'
import { type Result, result } from '../support/results.ts'
import { openSide } from '../support/side.ts'
import type { Stage } from '../support/stage.ts'

/**
 * What this machine lets a worker reach that has no ledger at all: the naive one, twice, and with its signatures made in a
 * thread of their own. No ledger can make ours faster than that.
 */
export async function ceiling(stage: Stage): Promise<Result[]> {
  const gateway = await startGateway(stage)
  const naive = await openSide(stage, { name: 'naive', kind: 'naive', gateway })
  const two = await openSide(stage, { name: 'two naive', kind: 'naive', gateway, processes: 2 })
  const env = { SIGN_IN: 'pool', UV_THREADPOOL_SIZE: '1' }
  const threaded = await openSide(stage, { name: 'naive, thread', kind: 'naive', gateway, env })
  const sides = [naive, two, threaded] as const
  const rounds = await pairs(stage, { gateway, sides, refunds: stage.quick ? 2_000 : 10_000 })
  return [
    result({
      name: 'ceiling: two naive workers',
      values: rounds.map(([one, both]) => both.perSecond / one.perSecond),
      detail: 'refunds a second, against one of them',
    }),
    result({
      name: 'ceiling: a naive worker that signs in a thread',
      values: rounds.map(([one, , other]) => other.perSecond / one.perSecond),
      detail: 'refunds a second, against one that does not',
    }),
  ]
}
