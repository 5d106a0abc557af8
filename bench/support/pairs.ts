import type { BenchGateway } from './gateway.ts'
import type { Round, Side } from './side.ts'
import type { Stage } from './stage.ts'

export interface PairOptions<Sides extends readonly Side[]> {
  readonly gateway: BenchGateway
  readonly sides: Sides
  /** of each side in each round */
  readonly refunds: number
}

type Rounds<Sides extends readonly Side[]> = { readonly [place in keyof Sides]: Round }

/** How many rounds are compared, after one that only warms up. */
export const roundsOf = ({ quick }: Stage) => (quick ? 2 : 5)

/**
 * The sides work in turns, each on the same refunds, so that what the machine does meanwhile meets all alike. Every other
 * round begins with the last side.
 */
export async function pairs<const Sides extends readonly Side[]>(
  stage: Stage,
  { gateway, sides, refunds }: PairOptions<Sides>,
): Promise<Rounds<Sides>[]> {
  const rounds: Rounds<Sides>[] = []
  let from = 0
  for (let round = 0; round <= roundsOf(stage); round++) {
    await gateway.prepare(from, refunds)
    const found = new Map<Side, Round>()
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      await side.load(from, refunds)
      const measured = await side.run(refunds)
      found.set(side, measured)
      const { perSecond, workerMs, redisMs } = measured
      const cpu = `worker ${workerMs.toFixed(3)} ms, Redis ${redisMs.toFixed(3)} ms a refund`
      stage.say(
        `  ${round === 0 ? 'warm-up' : `round ${round}`}  ${side.name.padEnd(14)}${perSecond.toFixed(0).padStart(6)}/s  ${cpu}`,
      )
    }
    if (round > 0) rounds.push(sides.map((side) => found.get(side)) as unknown as Rounds<Sides>)
    from += refunds
  }
  await gateway.check()
  return rounds
}
