import { awaiting } from '../support/awaiting.ts'
import { startGateway } from '../support/gateway.ts'
import { startNaiveReceiver } from '../support/naive-receiver.ts'
import { startNotifier } from '../support/notifier.ts'
import { roundsOf } from '../support/pairs.ts'
import { type Result, result } from '../support/results.ts'
import type { Stage } from '../support/stage.ts'
import { median } from '../support/statistics.ts'

/** Notifications acknowledged a second: ours, committed to the ledger, against `node:http` with one `queue.add`. */
export async function receiver(stage: Stage): Promise<Result[]> {
  const count = stage.quick ? 2_000 : 10_000
  const gateway = await startGateway(stage)
  const notifier = await startNotifier(stage)
  const naive = await startNaiveReceiver(stage)
  const ours = await awaiting(stage, gateway, ['receive'])
  const rounds: { naive: number; ours: number }[] = []
  for (let round = 0; round <= roundsOf(stage); round++) {
    const from = (round + 1) * 1_000_000
    await Promise.all([notifier.prepare(from, count), ours.accept(from, count)])
    const figures = { naive: 0, ours: 0 }
    const sides = [
      { name: 'naive', port: naive.port },
      { name: 'ours', port: ours.port },
    ] as const
    for (const { name, port } of round % 2 === 0 ? sides : sides.toReversed()) {
      const { seconds } = await notifier.send({ port })
      figures[name] = count / seconds
      stage.say(
        `  ${round === 0 ? 'warm-up' : `round ${round}`}  ${name.padEnd(6)}${figures[name].toFixed(0).padStart(6)}/s`,
      )
    }
    if (round > 0) rounds.push(figures)
  }
  await ours.settled((roundsOf(stage) + 1) * count)
  const of = (side: 'naive' | 'ours') => median(rounds.map((round) => round[side])).toFixed(0)
  return [
    result({
      name: 'receiver',
      values: rounds.map((round) => round.ours / round.naive),
      bound: { must: 0.75, aim: 0.95, better: 'more' },
      detail: `node:http ${of('naive')}/s, ours ${of('ours')}/s`,
    }),
  ]
}
