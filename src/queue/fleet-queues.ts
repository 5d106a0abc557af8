import { Queue } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import { JOB_STATES, type JobState, type QueueView } from '../flows/overview.ts'
import type { RefundEvent } from '../refund/event.ts'
import { EVENT_JOB, eventJobId } from './completion.ts'
import { QUERY_QUEUE, REFUND_QUEUE } from './names.ts'
import { inTrace } from './trace-context.ts'

export interface FleetQueuesOptions {
  readonly prefix: string
  /** the subscribers' queues */
  readonly completion: readonly string[]
  readonly onError: (error: Error) => void
}

/** All queues of the fleet, for those who look at them and who operate them; workers have their own. */
export function fleetQueues(connection: Redis | Cluster, { prefix, completion, onError }: FleetQueuesOptions) {
  const queues = [REFUND_QUEUE, QUERY_QUEUE, ...completion].map((name) => new Queue(name, { connection, prefix }))
  for (const queue of queues) queue.on('error', onError)

  function named(name: string): Queue {
    const found = queues.find((queue) => queue.name === name)
    if (found === undefined) throw new RangeError(`no queue ${name}: ${queues.map((queue) => queue.name).join(', ')}`)
    return found
  }

  return {
    queues,

    async view(): Promise<QueueView[]> {
      return Promise.all(queues.map(viewOf))
    },

    /** What is under way goes on; nothing more is taken. @throws RangeError for an unknown queue */
    async pause(name: string): Promise<void> {
      await named(name).pause()
    },

    /** @throws RangeError for an unknown queue */
    async resume(name: string): Promise<void> {
      await named(name).resume()
    },

    /**
     * Hands an event to subscribers once more: the same event, and so the same id, as a job of another id.
     *
     * @param suffix tells one repetition from the next
     * @param names of the subscribers' queues; absent: all of them
     * @throws RangeError for an unknown queue
     */
    async replay(event: RefundEvent, suffix: string, names: readonly string[] = completion): Promise<void> {
      const jobId = `${eventJobId(event.id)}-replay-${suffix}`
      await Promise.all(
        names.map(async (name) =>
          named(name).add(event.type, event, { ...EVENT_JOB, jobId, ...inTrace(event.traceparent) }),
        ),
      )
    },

    async close(): Promise<void> {
      await Promise.all(queues.map(async (queue) => queue.close()))
    },
  }
}

export type FleetQueues = ReturnType<typeof fleetQueues>

async function viewOf(queue: Queue): Promise<QueueView> {
  const [counts, paused, waiting] = await Promise.all([
    queue.getJobCounts(...JOB_STATES),
    queue.isPaused(),
    queue.getWaiting(0, 0),
  ])
  const [oldest] = waiting
  const count = (state: JobState) => counts[state] ?? 0
  return {
    name: queue.name,
    paused,
    jobs: {
      waiting: count('waiting'),
      prioritized: count('prioritized'),
      active: count('active'),
      delayed: count('delayed'),
      failed: count('failed'),
      completed: count('completed'),
    },
    ...(oldest && { oldestWaiting: oldest.timestamp }),
  }
}
