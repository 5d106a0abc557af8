import { performance } from 'node:perf_hooks'
import { createProducer, type Producer } from '../queue/producer.ts'
import { addressOf } from '../redis/connection.ts'
import { RefundDataError } from '../refund/errors.ts'
import { inBulk } from './bulk.ts'
import { CommandFault } from './fault.ts'
import { type Io, say } from './io.ts'
import { type Format, putRows, type Rows } from './output.ts'
import { type CheckedRefund, sumOf } from './refund-check.ts'
import type { Session } from './session.ts'
import { counted } from './text.ts'

const BATCH = 100
const AT_ONCE = 4

interface Adding {
  readonly form: Format
  readonly rows: Rows<CheckedRefund>
  /** whether one that the queue refuses keeps the others back */
  readonly skipFaulty: boolean
}

/** Puts checked refunds on the queue; those that were added are the data. */
export async function addRefunds(
  io: Io,
  { settings }: Session,
  refunds: readonly CheckedRefund[],
  { form, rows, skipFaulty }: Adding,
): Promise<void> {
  const [first, ...others] = settings.merchants
  const producer = createProducer({
    redis: addressOf(settings.redis.connection),
    prefix: settings.queues.prefix,
    ...(others.length === 0 && { oid_partner: first.oid_partner }),
  })
  const added: CheckedRefund[] = []
  const refused: string[] = []
  const batches = Array.from({ length: Math.ceil(refunds.length / BATCH) }, (_, at) =>
    refunds.slice(at * BATCH, (at + 1) * BATCH),
  )
  try {
    const bulk = { done: `batches of ${BATCH} added`, concurrency: AT_ONCE, monotonic: () => performance.now() }
    const finished = await inBulk(io, batches, bulk, async (batch) => {
      const conflicts = await addBatch(producer, batch, skipFaulty)
      refused.push(...conflicts.values())
      added.push(...batch.filter(({ line }) => !conflicts.has(line)))
    })
    if (finished < batches.length) throw new CommandFault('stopped; the rest was not added')
  } finally {
    await producer.close()
    await putRows(io, form, rows, added)
    for (const line of refused) say(io, `refused: ${line}`)
    say(io, `added ${sumOf(added)}`)
  }
  if (refused.length > 0) throw new CommandFault(`${counted(refused.length, 'refund')} refused`)
}

/** @returns what the queue refuses, by line: a number that waits there with other content */
async function addBatch(
  producer: Producer,
  batch: readonly CheckedRefund[],
  skipFaulty: boolean,
): Promise<ReadonlyMap<number, string>> {
  try {
    await producer.enqueueRefunds(batch.map(({ data }) => data))
    return new Map()
  } catch (error) {
    if (!(error instanceof RefundDataError)) throw error
    const [only, ...others] = batch
    if (only !== undefined && others.length === 0) return new Map([[only.line, `line ${only.line}: ${error.message}`]])
    if (!skipFaulty) throw error
  }
  const conflicts = new Map<number, string>()
  for (const refund of batch) {
    for (const [line, fault] of await addBatch(producer, [refund], skipFaulty)) conflicts.set(line, fault)
  }
  return conflicts
}
