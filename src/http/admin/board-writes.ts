import type { Queue } from 'bullmq'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isRead } from './guard.ts'
import type { OperatorActions } from './operator.ts'

export interface BoardWrites {
  readonly user: string
  readonly operated: OperatorActions['operated']
  /** epoch ms */
  readonly clock: () => number
}

interface Target {
  readonly queueName?: string
  readonly jobId?: string
  readonly queueStatus?: string
}

interface Write {
  /** in the words of the list of operations */
  readonly says: (target: Target) => string
  /** absent: always */
  readonly allows?: (target: Target, queues: ReadonlyMap<string, Queue>) => Promise<boolean>
}

/** Whose failed jobs hold nothing but faulty data. */
const [REFUND_QUEUE, QUERY_QUEUE] = ['refund', 'refund-query']

const queueOf = ({ queueName = '' }: Target) => queueName
const jobOf = ({ queueName = '', jobId = '' }: Target) => `${queueName}/${jobId}`

/**
 * The writes that can lose no refund and no event, by method and route of Bull Board. A job that nobody took yet may be
 * all that is known of a refund, and an event that failed is one that its subscriber does not have. And jobs are neither made nor edited here: their data are shown
 * masked, and would be stored so.
 */
const WRITES: Readonly<Record<string, Write>> = {
  'PUT /pause': { says: () => 'pause all queues' },
  'PUT /resume': { says: () => 'resume all queues' },
  'PUT /:queueName/pause': { says: (target) => `pause ${queueOf(target)}` },
  'PUT /:queueName/resume': { says: (target) => `resume ${queueOf(target)}` },
  'PUT /:queueName/promote': { says: (target) => `promote all delayed of ${queueOf(target)}` },
  'PUT /:queueName/retry/:queueStatus': {
    says: (target) => `retry all ${target.queueStatus ?? ''} of ${queueOf(target)}`,
  },
  'PUT /:queueName/clean/:queueStatus': {
    says: (target) => `remove all ${target.queueStatus ?? ''} of ${queueOf(target)}`,
    allows: async (target) => mayRemove(target, target.queueStatus),
  },
  'PUT /:queueName/:jobId/retry': { says: (target) => `retry ${jobOf(target)}` },
  'PUT /:queueName/:jobId/promote': { says: (target) => `promote ${jobOf(target)}` },
  'PUT /:queueName/:jobId/clean': {
    says: (target) => `remove ${jobOf(target)}`,
    allows: async (target, queues) =>
      mayRemove(target, await queues.get(queueOf(target))?.getJobState(target.jobId ?? '')),
  },
}

function mayRemove(target: Target, state: string | undefined): boolean {
  const isOurs = queueOf(target) === REFUND_QUEUE || queueOf(target) === QUERY_QUEUE
  return state === 'completed' || (state === 'failed' && isOurs)
}

const READ_ONLY = 'Read-only: set ADMIN_WRITE=true to change anything here.'
const NOT_HERE = 'This could lose or change refunds. Use refundctl, which knows the money behind a job.'
const NOT_WRITTEN_DOWN = 'Nothing was done: it could not be written down who did it.'

/** Refuses every write that is not in the table, and writes down who does the others before they are done. */
export function guardWrites(scope: FastifyInstance, queues: readonly Queue[], writes: BoardWrites | undefined): void {
  const byName = new Map(queues.map((queue) => [queue.name, queue]))
  scope.addHook<{ Params: Target }>('onRequest', async (request, reply) => {
    if (isRead(request)) return
    if (!writes) return reply.code(405).send(refusal(READ_ONLY))
    const target = request.params
    const write = WRITES[keyOf(request)]
    const allowed = write !== undefined && (write.allows === undefined || (await write.allows(target, byName)))
    const action = write?.says(target) ?? `${request.method} ${request.url}`
    request.log.warn({ user: writes.user, action, allowed, from: request.ip }, 'an operator changes a queue')
    if (!allowed) return reply.code(403).send(refusal(NOT_HERE))
    try {
      await writes.operated({ at: writes.clock(), by: writes.user, action, reason: 'on the queue board' })
    } catch (error) {
      request.log.error({ err: error, action }, 'an operation was not written down')
      return reply.code(503).send(refusal(NOT_WRITTEN_DOWN))
    }
  })
}

function keyOf({ method, routeOptions }: FastifyRequest): string {
  return `${method} ${(routeOptions.url ?? '').replace(/^.*\/api\/queues(?=\/)/, '')}`
}

/** As Bull Board's pages expect it. */
function refusal(message: string) {
  return { error: { key: 'ERRORS.FORBIDDEN' }, message }
}
