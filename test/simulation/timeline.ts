import type { Random } from './random.ts'

interface Step {
  readonly at: number
  /** among steps of one moment, chance decides */
  readonly tie: number
  readonly act: () => void
}

/** Virtual time. Nothing happens but by a step, and each step runs out before the next begins. */
export class Timeline {
  now: number
  steps = 0
  private readonly random: Random
  private readonly heap: Step[] = []

  constructor(start: number, random: Random) {
    this.now = start
    this.random = random
  }

  after(ms: number, act: () => void): void {
    this.push({ at: this.now + Math.max(0, Math.round(ms)), tie: this.random.next(), act })
  }

  /** Runs on until told to stop, until nothing is left to do, or until the bound. */
  async run(
    until: () => boolean,
    bound: { readonly steps: number; readonly at: number },
  ): Promise<'stopped' | 'bound'> {
    let step = this.pop()
    while (step !== undefined) {
      if (step.at > bound.at || this.steps >= bound.steps) return 'bound'
      this.now = step.at
      this.steps += 1
      step.act()
      await drained()
      if (until()) return 'stopped'
      step = this.pop()
    }
    return 'stopped'
  }

  private push(step: Step): void {
    const { heap } = this
    let index = heap.length
    heap.push(step)
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || isBefore(parent, step)) break
      heap[index] = parent
      index = above
    }
    heap[index] = step
  }

  private pop(): Step | undefined {
    const { heap } = this
    const [first] = heap
    const last = heap.pop()
    if (last === undefined || first === last) return first
    let index = 0
    while (true) {
      const left = 2 * index + 1
      const [a, b] = [heap[left], heap[left + 1]]
      if (a === undefined) break
      const [child, at] = b !== undefined && isBefore(b, a) ? [b, left + 1] : [a, left]
      if (isBefore(last, child)) break
      heap[index] = child
      index = at
    }
    heap[index] = last
    return first
  }
}

const isBefore = (a: Step, b: Step): boolean => (a.at === b.at ? a.tie < b.tie : a.at < b.at)

/** Resolves when no promise is left that could go on by itself: a tick comes only after all of them. */
async function drained(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  queueMicrotask(() => process.nextTick(resolve))
  await promise
}
