import { SpanKind, trace } from '@opentelemetry/api'
import { Worker } from 'bullmq'
import { BullMQOtel } from 'bullmq-otel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProducer, type Producer } from '../../src/queue/producer.ts'
import { startTracing, type Tracing } from '../../src/tracing/tracing.ts'
import { type Fleet, startFleet } from '../e2e/fleet.ts'
import { findLeaks } from '../e2e/leaked-secrets.ts'
import { PARTNER } from '../e2e/settings.ts'
import { eventually } from '../support/eventually.ts'
import { type CollectedSpan, type Collector, startCollector } from './collector.ts'

const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const
const FAILED = 2
const LAST = ['process refund', 'notification', 'publish', 'process refund-completed']

let collector: Collector
let fleet: Fleet
/** of this process, which stands for the services around the fleet */
let tracing: Tracing
let producer: Producer
let consumer: Worker

beforeAll(async () => {
  collector = await startCollector()
  const onLost = () => expect.unreachable('the collector is there')
  tracing = startTracing({ endpoint: collector.endpoint, onLost, onFound: () => {} })
  fleet = await startFleet({
    programs: ['submit', 'query', 'publish', 'receive'],
    settings: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, LOG_LEVEL: 'trace' },
  })
  const { REDIS_URL = '', QUEUE_PREFIX: prefix = '' } = fleet.settings
  const telemetry = new BullMQOtel()
  producer = createProducer({ redis: REDIS_URL, prefix, oid_partner: PARTNER, telemetry })
  consumer = new Worker('refund-completed', async () => 'booked', {
    connection: { url: REDIS_URL },
    prefix,
    telemetry,
  })
})
afterAll(async () => {
  await consumer?.close()
  await producer?.close()
  await fleet?.stop()
  await tracing?.stop()
  await collector?.stop()
})

const about = (no_refund: string) => (span: CollectedSpan) =>
  span.attributes.no_refund === no_refund || String(span.attributes['bullmq.job.id']).includes(`-${no_refund}`)

const done = ({ name, events }: CollectedSpan) =>
  !name.startsWith('process') || events.some((event) => event.name === 'job completed')

/** The one trace of a refund, once the last that each process has to say of it was collected. */
async function traceOf(no_refund: string, last: readonly string[] = LAST): Promise<readonly CollectedSpan[]> {
  const ours = about(no_refund)
  const { traceId } = await collector.collected(({ attributes }) => attributes.no_refund === no_refund)
  for (const name of last) {
    await collector.collected((span) => span.traceId === traceId && span.name === name && done(span))
  }
  const spans = collector.spans.filter((span) => span.traceId === traceId)
  expect(collector.spans.filter(ours).filter((span) => !spans.includes(span))).toEqual([])
  return spans
}

const named = (spans: readonly CollectedSpan[], name: string) => spans.filter((span) => span.name === name)

const plain = (no_refund: string) => ({ no_refund, money_refund: '1.00', no_order: `order-${no_refund}` })

describe('a refund', () => {
  test('is one trace from its producer through every call and the notification to the consumer', async () => {
    fleet.simulator.script('whole', { submit: ['9999'] })
    await producer.enqueueRefund(plain('whole'))
    const event = await fleet.event('whole')
    const spans = await traceOf('whole')
    const [added] = named(spans, 'add refund')
    expect(event.traceparent).toBe(`00-${added?.traceId}-${added?.spanId}-01`)
    expect(new Set(spans.map(({ name }) => name))).toEqual(
      new Set([
        'add refund',
        'process refund',
        'gateway submit',
        'gateway query',
        'complete refund',
        'notification',
        'publish',
        'process refund-completed',
        'complete refund-completed',
      ]),
    )
    const apart = new Set(['add refund', 'gateway submit', 'notification', 'publish'])
    const instances = spans.filter(({ name }) => apart.has(name)).map(({ instance }) => instance)
    expect(new Set(instances).size, 'four processes').toBe(4)
    for (const span of spans) {
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
      expect(span === added || spans.some(({ spanId }) => spanId === span.parentSpanId), span.name).toBe(true)
    }
  })

  test('shows every call of the gateway below the job that made it, with its end', async () => {
    fleet.simulator.script('calls', { submit: ['9999'] })
    await producer.enqueueRefund(plain('calls'))
    const spans = await traceOf('calls')
    const jobs = new Set(named(spans, 'process refund').map(({ spanId }) => spanId))
    const submits = named(spans, 'gateway submit')
    const address = { 'server.address': '127.0.0.1', 'server.port': Number(new URL(fleet.simulator.url).port) }
    const ids = { oid_partner: PARTNER, no_refund: 'calls' }
    expect(submits.map(({ attributes }) => attributes)).toEqual([
      { ...ids, ...address, kind: 'domestic', attempt: 1, outcome: 'unclear', ret_code: '9999' },
      { ...ids, ...address, kind: 'domestic', attempt: 2, outcome: 'accepted', ret_code: '0000' },
    ])
    expect(submits.map(({ status }) => status.code)).toEqual([FAILED, 0])
    const queries = named(spans, 'gateway query')
    expect(queries.length).toBeGreaterThanOrEqual(2)
    for (const { attributes, status } of queries) {
      expect(attributes).toEqual({ ...ids, ...address, outcome: 'denied', ret_code: '8901' })
      expect(status.code).toBe(0)
    }
    for (const { kind, parentSpanId = '' } of [...submits, ...queries]) {
      expect(kind).toBe(KINDS.client)
      expect(jobs).toContain(parentSpanId)
    }
    expect(named(spans, 'notification')).toMatchObject([
      { kind: KINDS.server, attributes: { ...ids, result: 'accepted', sta_refund: '2' } },
    ])
    expect(named(spans, 'publish')).toMatchObject([
      { kind: KINDS.producer, attributes: { ...ids, type: 'refund.succeeded', event: `${PARTNER}/calls/1` } },
    ])
  })

  test('that only a query can settle has that query in its trace', async () => {
    fleet.simulator.script('asked', { notify: ['lost'] })
    await producer.enqueueRefund(plain('asked'))
    const spans = await traceOf('asked', ['process refund-query', 'publish', 'process refund-completed'])
    const jobs = new Set(named(spans, 'process refund-query').map(({ spanId }) => spanId))
    expect(named(spans, 'gateway query').at(-1)).toMatchObject({ attributes: { outcome: 'found' } })
    expect(jobs).toContain(named(spans, 'gateway query').at(-1)?.parentSpanId)
    expect(named(spans, 'notification')).toEqual([])
  })

  test('of a producer without traces begins its own, and stays in it over every retry', async () => {
    fleet.simulator.script('untraced', { submit: ['9999', '9999'] })
    await fleet.add({ no_refund: 'untraced' })
    const event = await fleet.event('untraced')
    const spans = await traceOf('untraced')
    expect(named(spans, 'gateway submit')).toHaveLength(3)
    expect(named(spans, 'process refund').length).toBeGreaterThanOrEqual(3)
    expect(event.traceparent).toMatch(new RegExp(`^00-${spans[0]?.traceId}-`))
  })

  test('goes on in the trace of whoever adds it; those added together are traces of their own', async () => {
    const caller = trace.getTracer('test').startSpan('complaint', { kind: SpanKind.SERVER })
    const { traceId, spanId } = caller.spanContext()
    await tracing.telemetry.contextManager.with(trace.setSpan(tracing.telemetry.contextManager.active(), caller), () =>
      producer.enqueueRefund(plain('complaint')),
    )
    caller.end()
    await producer.enqueueRefunds(['bulk-1', 'bulk-2', 'bulk-3'].map(plain))
    expect(named(await traceOf('complaint'), 'add refund')).toMatchObject([{ traceId, parentSpanId: spanId }])
    const bulk = await Promise.all(['bulk-1', 'bulk-2', 'bulk-3'].map(async (no_refund) => await traceOf(no_refund)))
    expect(new Set(bulk.map(([first]) => first?.traceId)).size).toBe(3)
  })

  test('that its producer does not sample is not recorded, and hands the same on', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
    await fleet.add({ no_refund: 'unsampled' }, { telemetry: { metadata: JSON.stringify({ traceparent }) } })
    await fleet.add({ no_refund: 'sampled' })
    const event = await fleet.event('unsampled')
    expect(event.traceparent).toBe(traceparent)
    await traceOf('sampled')
    expect(collector.spans.filter(({ traceId }) => traceparent.includes(traceId))).toEqual([])
  })
})

test.for([
  ['no JSON', '{'],
  ['null', 'null'],
  ['a list', '[]'],
  ['no W3C context', '{"traceparent":"00-00000000000000000000000000000000-0000000000000000-01"}'],
  ['a number', '{"traceparent":7}'],
])('a job whose trace context is %s is paid like another', async ([what = '', metadata = '']) => {
  const no_refund = what.replaceAll(' ', '-')
  await fleet.add({ no_refund }, { telemetry: { metadata } })
  const event = await fleet.event(no_refund)
  expect(event.type).toBe('refund.succeeded')
  const spans = await traceOf(no_refund)
  expect(event.traceparent).toMatch(new RegExp(`^00-${spans[0]?.traceId}-`))
})

test('what BullMQ does for itself is no trace', async () => {
  await eventually(() => expect(collector.spans.length).toBeGreaterThan(0))
  const begun = collector.spans.filter(({ parentSpanId }) => parentSpanId === undefined)
  expect(new Set(begun.map(({ kind }) => kind))).not.toContain(KINDS.internal)
})

test('no span holds a key, a signature, a body, an amount or what a producer wrote about people', async () => {
  const secret = { money_refund: '8642.97', order_amount: '9753.18', metadata: { card: '6222020200112233' } }
  fleet.simulator.script('secret', { submit: ['bad_signature'], query: ['malformed_json'] })
  await producer.enqueueRefund({ ...plain('secret'), ...secret })
  await fleet.refunds.add('refund', { ...plain('unreadable'), ...secret, '6222020200112233': 'x', sign: 'y' })
  await fleet.event('secret')
  await fleet.event('unreadable')
  await traceOf('secret', ['publish', 'process refund-completed'])
  await collector.collected((span) => span.events.some(({ name }) => name === 'job failed'))
  const scanned = { name: 'spans', stdout: () => collector.bodies.join('\n'), stderr: () => '' }
  expect(findLeaks([scanned], fleet.simulator.requests, fleet.settings)).toEqual([])
  const texts = ['8642.97', '864297', '9753.18', '975318', '6222020200112233', 'order-secret', 'PRIVATE KEY']
  for (const text of texts) expect(scanned.stdout(), text).not.toContain(text)
  for (const name of ['"sign"', 'money_refund', 'notify_url', 'metadata']) {
    expect(scanned.stdout(), name).not.toContain(name)
  }
})
