import { seeded } from '../simulation/random.ts'
import { pollution } from './guards.ts'
import { type Finding, type Input, type Target, tally } from './target.ts'

export interface RunOptions {
  readonly targets: readonly Target[]
  readonly seed: number
  /** of wall clock for all targets together; each has its share of it */
  readonly seconds?: number
  /** of each target at most */
  readonly executions?: number
  /** ends the run */
  readonly mostFindings: number
  readonly onFinding: (finding: Finding) => void
  /** errors that nobody caught since it was asked last */
  readonly strays: () => readonly unknown[]
}

export interface Ran {
  readonly target: string
  readonly executions: number
  readonly findings: number
  readonly seconds: number
}

const SLICE_MS = 100

/** Tries the targets in turns, each as long as its share says. */
export async function run(options: RunOptions): Promise<readonly Ran[]> {
  const { targets, seconds = Number.POSITIVE_INFINITY, executions = Number.POSITIVE_INFINITY } = options
  const turns = targets.map((target) => ({ target, done: 0, findings: 0, ms: 0 }))
  const until = performance.now() + seconds * 1000
  const isOver = () => performance.now() >= until || turns.reduce((sum, turn) => sum + turn.findings, 0) >= most
  const most = options.mostFindings
  while (!isOver()) {
    const open = turns.filter(({ done }) => done < executions)
    // whoever had the least of its share
    const turn = open.toSorted((a, b) => a.ms / a.target.share - b.ms / b.target.share)[0]
    if (!turn) break
    const begun = performance.now()
    while (turn.done < executions && performance.now() - begun < SLICE_MS && !isOver()) {
      const iteration = turn.done
      turn.done += 1
      const found = await execute(turn.target, options, iteration)
      if (!found) continue
      turn.findings += 1
      options.onFinding(found)
    }
    turn.ms += Math.max(performance.now() - begun, 0.001)
  }
  return turns.map(({ target, done, findings, ms }) => ({
    target: target.name,
    executions: done,
    findings,
    seconds: ms / 1000,
  }))
}

async function execute(target: Target, options: RunOptions, iteration: number): Promise<Finding | undefined> {
  const { seed } = options
  const input = target.make(seeded(mixed(seed, iteration)))
  const wrong = await tried(target, input, options.strays)
  return wrong === undefined ? undefined : { target: target.name, seed, iteration, wrong, input }
}

/** One input, and everything that must hold of any. */
export async function tried(target: Target, input: Input, strays: RunOptions['strays']): Promise<string | undefined> {
  const begun = performance.now()
  let wrong: string | undefined
  try {
    const checked = target.check(input)
    wrong = checked instanceof Promise ? await inTime(checked) : checked
  } catch (error) {
    wrong = `it threw: ${told(error)}`
  }
  const [stray] = strays()
  return (
    wrong ??
    pollution() ??
    (stray === undefined ? undefined : `nobody caught: ${told(stray)}`) ??
    (await slow(target, input, performance.now() - begun))
  )
}

const ENDS_WITHIN_MS = 10_000

/** An input that is never done with would else end the run without a word. */
async function inTime(checked: Promise<string | undefined>): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const timer = setTimeout(() => resolve(`not done with after ${ENDS_WITHIN_MS} ms`), ENDS_WITHIN_MS)
  try {
    return await Promise.race([checked, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** A busy machine is slow once: what is slow by itself is so every time. */
async function slow(target: Target, input: Input, ms: number): Promise<string | undefined> {
  let least = ms
  for (let times = 0; times < 3 && least > target.slowMs; times++) {
    const begun = performance.now()
    await inTime(Promise.resolve(target.check(input)))
    least = Math.min(least, performance.now() - begun)
    tally(target.counts, 'tried again for time')
  }
  return least > target.slowMs ? `it takes ${Math.round(least)} ms, more than ${target.slowMs}` : undefined
}

function told(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : String(error).slice(0, 300)
}

function mixed(seed: number, iteration: number): number {
  return Math.imul(seed, 0x9e3779b1) ^ Math.imul(iteration + 1, 0x85ebca77)
}
