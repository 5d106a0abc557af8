import { startGateway } from '../support/gateway.ts'
import { roundsOf } from '../support/pairs.ts'
import { type Result, result } from '../support/results.ts'
import { openSide, type Side } from '../support/side.ts'
import type { Stage } from '../support/stage.ts'
import { median } from '../support/statistics.ts'
import { cpu } from './history.ts'

/** CPU for each refund, worker and Redis together, with many jobs waiting against a thousand. */
export async function backlog(stage: Stage): Promise<Result[]> {
  const [small, middle, large] = stage.quick ? [500, 5_000, 10_000] : [1_000, 100_000, 300_000]
  const slice = stage.quick ? 1_000 : 10_000
  const gateway = await startGateway(stage)
  const open = async (jobs: number) => openSide(stage, { name: `${jobs}-jobs`, kind: 'ours', gateway })
  const [short, long, longest] = [await open(small), await open(middle), await open(large)]
  const numbers = counter()

  /** Never more than `small` jobs wait. */
  async function refilled(): Promise<number> {
    const parts: number[] = []
    for (let done = 0; done < slice; done += small) {
      await short.load(numbers.next(small), small)
      parts.push(cpu(await short.run(small)))
    }
    return parts.reduce((sum, part) => sum + part, 0) / parts.length
  }

  /** Refilled to `jobs` before each round. */
  const deep = (side: Side, jobs: number) => {
    let waiting = 0
    return async (): Promise<number> => {
      await side.load(numbers.next(jobs), jobs - waiting)
      const round = await side.run(slice)
      waiting = jobs - round.refunds
      return cpu(round)
    }
  }

  const works = [refilled, deep(long, middle), deep(longest, large)]
  const rounds: number[][] = []
  for (let round = 0; round <= roundsOf(stage); round++) {
    const figures: number[] = []
    for (const work of works) figures.push(await work())
    stage.say(
      `  ${round === 0 ? 'warm-up' : `round ${round}`}  ${figures.map((ms) => `${ms.toFixed(3)} ms`).join('  ')}`,
    )
    if (round > 0) rounds.push(figures)
  }
  await gateway.check()

  const bound = { must: 1.15, aim: 1.05, better: 'less' } as const
  const of = (place: number) => median(rounds.map((round) => round[place] ?? 0)).toFixed(3)
  const against = (place: number, jobs: number) => ({
    values: rounds.map((round) => (round[place] ?? 0) / (round[0] ?? 0)),
    detail: `CPU of worker and Redis a refund: ${of(0)} ms with ${small} jobs waiting, ${of(place)} ms with ${jobs}`,
    bound,
  })
  return [result({ name: 'backlog-100k', ...against(1, middle) }), result({ name: 'backlog', ...against(2, large) })]
}

/** Numbers for refunds that no other has. */
function counter() {
  let used = 0
  return {
    next(count: number): number {
      used += count
      return used - count
    },
  }
}
