import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { awaiting } from '../support/awaiting.ts'
import { startGateway } from '../support/gateway.ts'
import { startNotifier } from '../support/notifier.ts'
import { roundsOf } from '../support/pairs.ts'
import { type Result, result } from '../support/results.ts'
import type { Stage } from '../support/stage.ts'
import { median, quantile } from '../support/statistics.ts'

const TRUE_PER_SECOND = 200
const FORGED_PER_SECOND = 2_000
/** The flood stands in full before the first true notification of a round. */
const FLOOD_FIRST_MS = 500

const flood = z.object({ answers: z.record(z.string(), z.number()), seconds: z.number() })

/** True notifications come from 127.0.0.1. */
const SIDES = [
  { name: 'alone', from: undefined },
  // nothing but the signature tells true from forged: each is verified
  { name: 'same address', from: '127.0.0.1' },
  // refused unread, after the first few hundred
  { name: 'other address', from: '127.0.0.2' },
] as const
type SideName = (typeof SIDES)[number]['name']

/** How much longer the gateway waits for an acknowledgement while somebody floods the receiver with forged notifications. */
export async function forgedFlood(stage: Stage): Promise<Result[]> {
  const count = TRUE_PER_SECOND * (stage.quick ? 4 : 10)
  const gateway = await startGateway(stage)
  const notifier = await startNotifier(stage)
  const forger = await stage.program({ program: 'forger', env: {} })
  const { port, accept, settled } = await awaiting(stage, gateway, ['receive'])
  let from = 0

  async function measure(name: SideName, address: string | undefined): Promise<number> {
    from += 1_000_000
    await Promise.all([notifier.prepare(from, count), accept(from, count)])
    if (address !== undefined) {
      await forger.ask('start', z.null(), { port, from: address, perSecond: FORGED_PER_SECOND })
      await sleep(FLOOD_FIRST_MS)
    }
    const { ms } = await notifier.send({ port, perSecond: TRUE_PER_SECOND })
    const { answers, seconds } = await forger.ask('stop', flood)
    const [p50, p99] = [quantile(ms, 0.5), quantile(ms, 0.99)]
    const told = Object.entries(answers).map(([status, number]) => `${(number / seconds).toFixed(0)}/s ${status}`)
    stage.say(`    ${name.padEnd(14)} p50 / p99 ${p50.toFixed(1)} / ${p99.toFixed(1)} ms  ${told.join(', ')}`)
    if (address !== undefined) held(answers, seconds)
    return p99
  }

  const rounds: Record<SideName, number>[] = []
  for (let round = 0; round <= roundsOf(stage); round++) {
    stage.say(round === 0 ? '  warm-up' : `  round ${round}`)
    const figures: Record<SideName, number> = { alone: 0, 'same address': 0, 'other address': 0 }
    for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
      figures[side.name] = await measure(side.name, side.from)
    }
    if (round > 0) rounds.push(figures)
  }
  await settled((roundsOf(stage) + 1) * SIDES.length * count)

  const alone = median(rounds.map((round) => round.alone)).toFixed(1)
  const compared = (name: string, side: SideName) =>
    result({
      name,
      values: rounds.map((round) => round[side] / round.alone),
      bound: { must: 3, aim: 1.5, better: 'less' },
      detail: `p99 ${alone} ms alone, ${median(rounds.map((round) => round[side])).toFixed(1)} ms beside ${FORGED_PER_SECOND} forged a second`,
    })
  return [compared('forged-flood', 'same address'), compared('forged-flood-other-address', 'other address')]
}

/** A flood that was not one proves nothing, and a forged notification that was acknowledged is worse than any figure. */
function held(answers: Readonly<Record<string, number>>, seconds: number): void {
  const others = Object.keys(answers).filter((status) => status !== '400' && status !== '429')
  if (others.length > 0) throw new Error(`forged notifications were answered with ${others.join(', ')}`)
  const perSecond = Object.values(answers).reduce((sum, number) => sum + number, 0) / seconds
  if (perSecond < FORGED_PER_SECOND * 0.9) throw new Error(`only ${perSecond.toFixed(0)} were answered a second`)
}
