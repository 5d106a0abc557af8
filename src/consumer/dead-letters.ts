import { Queue } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'
import { EVENT_JOB } from '../queue/completion.ts'
import type { EventFault } from './read-event.ts'

/**
 * - `attempts_spent`: the handler failed as often as it may
 * - `dead_letter`: the handler said that trying again is of no use
 * - `silent`: its process ended again and again while it was handled
 */
export type DeadLetterCode = EventFault | 'attempts_spent' | 'dead_letter' | 'silent'

/** The job data of a dead-letter queue. */
export interface DeadLetter {
  /** the job data as it came, an event where `code` does not say otherwise */
  readonly event: unknown
  readonly code: DeadLetterCode
  readonly reason: string
  /** how often the handler failed */
  readonly attempts: number
  /** ISO 8601 */
  readonly time: string
}

interface DeadLettersOptions {
  readonly connection: Redis | Cluster
  readonly prefix: string
  readonly queue: string
  readonly deadLetterQueue: string
  readonly onError: (error: Error) => void
}

/** BullMQ refuses an id in digits only, which it gives itself to a job that was added without one. */
const DEAD = 'dead-'

const letter = z.looseObject({ event: z.unknown() })

/** Events that could not be handled: kept until a person has them handled anew. */
export function deadLetters({ connection, prefix, queue, deadLetterQueue, onError }: DeadLettersOptions) {
  const open = (name: string) => {
    const opened = new Queue(name, { connection, prefix })
    opened.on('error', onError)
    return opened
  }
  const source = open(queue)
  const dead = open(deadLetterQueue)

  return {
    /** The same job twice is one dead letter. */
    async add(job: { readonly id: string; readonly name: string }, dropped: DeadLetter): Promise<void> {
      await dead.add(job.name, dropped, { jobId: `${DEAD}${job.id}` })
    },

    /**
     * Puts dead letters back on the queue, oldest first; one that is put back twice is one job.
     *
     * @returns how many
     */
    async redrive(limit: number): Promise<number> {
      const jobs = limit < 1 ? [] : await dead.getWaiting(0, limit - 1)
      for (const job of jobs) {
        const { event } = letter.parse(job.data)
        const was = job.id?.replace(DEAD, '')
        const jobId = `${was}-replay-dead-${job.timestamp.toString(36)}`
        await source.add(job.name, event, { ...EVENT_JOB, jobId })
        await job.remove()
      }
      return jobs.length
    },

    async close(): Promise<void> {
      await Promise.all([source.close(), dead.close()])
    },
  }
}

export type DeadLetters = ReturnType<typeof deadLetters>
