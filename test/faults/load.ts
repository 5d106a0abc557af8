import { setTimeout as sleep } from 'node:timers/promises'
import type { Queue } from 'bullmq'
import type { Stage } from './stage.ts'

export interface Load {
  /** how many refunds Redis has acknowledged so far */
  readonly acknowledged: () => number
  /** how many `add`s failed so far */
  readonly refused: () => number
  /** Lets each hand finish what it has begun; resolves to the numbers of all refunds. */
  stop(): Promise<readonly string[]>
}

export interface LoadOptions {
  /** adds under way at the same time */
  readonly hands?: number
  /** rest of a hand between two refunds */
  readonly restMs?: number
  /** nothing is added while so many have no event: a machine that is slow has less to do */
  readonly mostOpen?: number
  /** default: the stage's own producer */
  readonly through?: Pick<Queue, 'add'>
}

/** A producer that adds refunds until it is told to stop. What Redis refuses is added again, as a service would. */
export function startLoad(stage: Stage, options: LoadOptions = {}): Load {
  const { hands = 4, restMs = 40, mostOpen = 80, through } = options
  const stopped = new AbortController()
  const numbers: string[] = []
  let ended = false
  stage.onEnd(() => {
    ended = true
    stopped.abort()
  })
  let begun = 0
  let refused = 0

  async function addUntilTaken(no_refund: string): Promise<void> {
    try {
      await stage.add(no_refund, {}, through)
      numbers.push(no_refund)
    } catch (error) {
      if (ended) throw error
      refused += 1
      // acknowledged or not, it may stand in the queue by now: the service goes on until it knows
      await sleep(50)
      await addUntilTaken(no_refund)
    }
  }

  async function work(): Promise<void> {
    while (!stopped.signal.aborted) {
      if (begun - stage.subscriber.events.size >= mostOpen) {
        await sleep(restMs)
        continue
      }
      const no_refund = `L${String(begun).padStart(4, '0')}`
      begun += 1
      await addUntilTaken(no_refund)
      await sleep(restMs)
    }
  }

  const working = Promise.all(Array.from({ length: hands }, work))
  // a case that broke off waits for it no more
  working.catch(() => {})
  return {
    acknowledged: () => numbers.length,
    refused: () => refused,
    async stop() {
      stopped.abort()
      await working
      return numbers
    },
  }
}
