import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fleet, startFleet } from '../e2e/fleet.ts'

/** Tells on stderr of every file of OpenTelemetry's that a process loads, but for the empty API that prom-client asks. */
const WATCH_LOADING = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  registerHooks({
    load(url, context, next) {
      if (/bullmq-otel|@opentelemetry.(?!api.)/.test(url)) console.error('loaded ' + url)
      return next(url, context)
    },
  })
`)}`

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

describe('a fleet without a collector', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet({ settings: { NODE_OPTIONS: `--import=${WATCH_LOADING}` } })
  })
  afterAll(async () => await fleet?.stop())

  test('hands the trace context of the job on: to the event and to the job that brings it', async () => {
    const metadata = JSON.stringify({ traceparent: TRACEPARENT, tracestate: 'a=b' })
    await fleet.add({ no_refund: 'context' }, { telemetry: { metadata } })
    expect(await fleet.event('context')).toMatchObject({ traceparent: TRACEPARENT })
    const [job] = await fleet.queue('refund-completed').getJobs()
    expect(job?.opts.telemetry).toEqual({ metadata: JSON.stringify({ traceparent: TRACEPARENT }) })
  })

  test('keeps the first context when the refund is added again with another', async () => {
    fleet.simulator.script('again', { submit: ['9999'] })
    const other = TRACEPARENT.replace('0af7', 'ffff')
    for (const traceparent of [TRACEPARENT, other]) {
      await fleet.add({ no_refund: 'again' }, { telemetry: { metadata: JSON.stringify({ traceparent }) } })
    }
    expect(await fleet.event('again')).toMatchObject({ traceparent: TRACEPARENT })
  })

  test.for([
    ['another version', `01${TRACEPARENT.slice(2)}`],
    ['no ids', '00-00000000000000000000000000000000-b7ad6b7169203331-01'],
    ['more than a context', `${TRACEPARENT}-x`],
    ['upper case', TRACEPARENT.toUpperCase()],
  ])('ignores what is not of the W3C form: %s', async ([what = '', traceparent = '']) => {
    const no_refund = what.replaceAll(' ', '-')
    await fleet.add({ no_refund }, { telemetry: { metadata: JSON.stringify({ traceparent }) } })
    expect(await fleet.event(no_refund)).not.toHaveProperty('traceparent')
  })

  test('loads nothing of OpenTelemetry that does anything', async () => {
    await fleet.add({ no_refund: 'off' })
    await fleet.event('off')
    expect(fleet.workers.map((worker) => worker.stderr())).toEqual([''])
  })
})
