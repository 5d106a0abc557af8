import { readFileSync } from 'node:fs'
import { Queue } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import type { Wakes } from '../flows/sweep.ts'
import type { RefundJobData } from '../refund/job-data.ts'
import { yuanFromFen } from '../refund/money.ts'
import type { RefundRecord } from '../refund/record.ts'
import { QUERY_QUEUE, REFUND_QUEUE, WAKE, wakeId } from './names.ts'
import { inTrace } from './trace-context.ts'

const placeScript = readFileSync(new URL('./place-wakes.lua', import.meta.url), 'utf8')

/**
 * In a list of `refund` no longer than this, wake-ups wait behind what was added before them; in a longer one they come
 * among so many of the next. All that may be called at once has room there.
 */
const FRONT = 600
/** So many of those that were added last are looked through for wake-ups. */
const BACK = 1000
/**
 * So many of the others go before each wake-up in a long list. A send costs as much as accepting three or so: a refund
 * behind a backlog waits not twice as long as accepting the backlog takes, and one in five is a send meanwhile.
 */
const BETWEEN = 4

/** The sweeper's hand: wake-ups as jobs. All that BullMQ knows of a refund can be made again from its record. */
export function wakes(
  connection: Redis | Cluster,
  prefix: string,
  onError: (error: Error) => void,
): Wakes & { close(): Promise<void> } {
  const queues = {
    [REFUND_QUEUE]: new Queue(REFUND_QUEUE, { connection, prefix }),
    [QUERY_QUEUE]: new Queue(QUERY_QUEUE, { connection, prefix }),
  }
  for (const queue of Object.values(queues)) queue.on('error', onError)
  return {
    waiting: (queue) => queues[queue].getWaitingCount(),
    async wake(queue, records) {
      await queues[queue].addBulk(
        records.map((record) => ({
          name: queue === REFUND_QUEUE ? 'refund' : 'query',
          data: queue === REFUND_QUEUE ? jobDataOf(record) : identityOf(record),
          opts: {
            jobId: wakeId(record),
            // gone with the job, the id never blocks a later wake-up
            removeOnComplete: true,
            removeOnFail: true,
            ...inTrace(record.traceparent),
          },
        })),
      )
      if (queue !== REFUND_QUEUE) return
      // called by the gate, none waits behind what producers add: that may be a backlog
      await connection.eval(placeScript, 1, queues[queue].toKey('wait'), FRONT, BACK, BETWEEN, WAKE)
    },
    async close() {
      await Promise.all(Object.values(queues).map((queue) => queue.close()))
    },
  }
}

const identityOf = ({ oid_partner, no_refund }: RefundRecord) => ({ oid_partner, no_refund })

/** The job as a producer would have written it: the same content, so that it means the same refund. */
export function jobDataOf(record: RefundRecord): RefundJobData {
  const { request, order_amount, metadata } = record
  if (!request) throw new TypeError(`${record.no_refund} was never readable and has nothing to send`)
  const { fen, ...fields } = request
  return {
    ...fields,
    money_refund: yuanFromFen(fen),
    ...(order_amount !== undefined && { order_amount: yuanFromFen(order_amount) }),
    ...(metadata && { metadata: { ...metadata } }),
  }
}
