import { startGateway } from '../support/gateway.ts'
import { pairs } from '../support/pairs.ts'
import { type Result, result } from '../support/results.ts'
import { openSide } from '../support/side.ts'
import type { Stage } from '../support/stage.ts'
import { median } from '../support/statistics.ts'

/** Refunds a second with `appendfsync always`, which production needs, against `everysec`. */
export async function appendfsync(stage: Stage): Promise<Result[]> {
  const gateway = await startGateway(stage)
  const everysec = await openSide(stage, { name: 'everysec', kind: 'ours', gateway })
  const settings = { appendfsync: 'always' }
  const always = await openSide(stage, { name: 'always', kind: 'ours', gateway, redisSettings: settings })
  const rounds = await pairs(stage, { gateway, sides: [everysec, always], refunds: stage.quick ? 2_000 : 10_000 })
  const of = (side: 0 | 1) => median(rounds.map((round) => round[side].perSecond)).toFixed(0)
  return [
    result({
      name: 'appendfsync',
      values: rounds.map(([relaxed, safe]) => safe.perSecond / relaxed.perSecond),
      bound: { must: 0.9, aim: 0.95, better: 'more' },
      detail: `everysec ${of(0)}/s, always ${of(1)}/s`,
    }),
  ]
}
