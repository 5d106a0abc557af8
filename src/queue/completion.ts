import { readFileSync } from 'node:fs'
import { Queue } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import { z } from 'zod'
import { isReplicated } from '../redis/replicated.ts'
import { inTrace } from './trace-context.ts'

/** Consumers that remember ids see each event once; a finished job keeps a repetition out for this long. */
const KEEP_FINISHED_S = 2 * 86_400

/** How the job of an event is kept, and tried again by its consumer. */
export const EVENT_JOB = {
  removeOnComplete: { age: KEEP_FINISHED_S },
  attempts: 10,
  backoff: { type: 'exponential', delay: 1_000 },
} as const

const touchJob = readFileSync(new URL('./touch-job.lua', import.meta.url), 'utf8')

const published = z.looseObject({ id: z.string(), type: z.string(), traceparent: z.string().optional() })

export interface CompletionOptions {
  readonly prefix: string
  /** so many replicas must have an event before it counts as published */
  readonly waitReplicas: number
  readonly onError: (error: Error) => void
}

/** One subscriber: a queue that gets every event. */
export function completionQueue(
  name: string,
  connection: Redis | Cluster,
  { prefix, waitReplicas, onError }: CompletionOptions,
) {
  const queue = new Queue(name, { connection, prefix, defaultJobOptions: EVENT_JOB })
  queue.on('error', onError)
  return {
    /**
     * Adds events, JSON; one that is there already changes nothing.
     *
     * @throws Error when replicas do not have them: publish them again
     */
    async publish(events: readonly string[]): Promise<void> {
      const jobs = await queue.addBulk(
        events.map((json) => {
          const event = published.parse(JSON.parse(json))
          return { name: event.type, data: event, opts: { jobId: eventJobId(event.id), ...inTrace(event.traceparent) } }
        }),
      )
      const keys = [...new Set(jobs.flatMap(({ id }) => (id === undefined ? [] : [queue.toKey(id)])))]
      if (keys.length === 0) return
      const touch = { script: touchJob, keys: [queue.toKey('confirmed'), ...keys], args: [] } as const
      if (!(await isReplicated(connection, waitReplicas, touch))) throw new Error(`${name}: replicas lack an event`)
    },
    close: () => queue.close(),
  }
}

/**
 * The id of an event as the id of its job, `/` written as `-`. Behind a number that ends in `-held` it is `~`: else a
 * refund `X-held` that is settled and a refund `X` that is held would share an id, and one event would be lost.
 */
export function eventJobId(id: string): string {
  return id.replace(/(?<=-held)\/(?=\d+$)/, '~').replaceAll('/', '-')
}
