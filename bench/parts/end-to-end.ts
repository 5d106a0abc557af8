import { startGateway } from '../support/gateway.ts'
import { pairs } from '../support/pairs.ts'
import { type Bound, type Result, result } from '../support/results.ts'
import { openSide } from '../support/side.ts'
import type { Stage } from '../support/stage.ts'
import { median } from '../support/statistics.ts'

/** Refunds a second, ours with ledger, outbox and event against one naive worker without: from `queue.add` to the event. */
async function endToEnd(stage: Stage, processes: number, bound: Bound): Promise<Result[]> {
  const gateway = await startGateway(stage)
  const naive = await openSide(stage, { name: 'naive', kind: 'naive', gateway })
  const ours = await openSide(stage, { name: 'ours', kind: 'ours', gateway, processes })
  const rounds = await pairs(stage, { gateway, sides: [naive, ours], refunds: stage.quick ? 2_000 : 10_000 })

  const of = (side: number, what: 'perSecond' | 'workerMs' | 'redisMs' | 'gatewayMs') =>
    median(rounds.map((round) => round[side]?.[what] ?? 0))
  const told = (side: number) =>
    `${of(side, 'perSecond').toFixed(0)}/s (CPU ${of(side, 'workerMs').toFixed(3)} ms, Redis ${of(side, 'redisMs').toFixed(3)} ms)`
  return [
    result({
      name: `end-to-end-${processes}`,
      values: rounds.map(([naiveRound, oursRound]) => oursRound.perSecond / naiveRound.perSecond),
      bound,
      detail: `naive ${told(0)}, ours ${told(1)}, gateway ${of(1, 'gatewayMs').toFixed(3)} ms`,
    }),
  ]
}

export const endToEnd1 = (stage: Stage) => endToEnd(stage, 1, { must: 1.15, aim: 1.4, better: 'more' })
export const endToEnd2 = (stage: Stage) => endToEnd(stage, 2, { must: 1.5, aim: 1.9, better: 'more' })
