import { expect, test } from 'vitest'
import { type Fleet, startFleet } from '../e2e/fleet.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { type Collector, startCollector } from './collector.ts'

const PATIENCE = { timeoutMs: 40_000 }

async function fleetFor(endpoint: string): Promise<Fleet> {
  const fleet = await startFleet({ settings: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } })
  cleanUp(fleet.stop)
  return fleet
}

async function collectorFor(): Promise<Collector> {
  const collector = await startCollector()
  cleanUp(collector.stop)
  return collector
}

const said = (fleet: Fleet, msg: string) =>
  fleet.workers.flatMap((worker) => worker.log()).filter((line) => line.msg === msg)

async function pay(fleet: Fleet, ...numbers: readonly string[]): Promise<void> {
  for (const no_refund of numbers) await fleet.add({ no_refund })
  for (const no_refund of numbers) expect((await fleet.event(no_refund)).type).toBe('refund.succeeded')
}

test('a collector that cannot be reached holds nothing up and is told of once', { timeout: 90_000 }, async () => {
  const fleet = await fleetFor(`http://127.0.0.1:${await freePort()}`)
  await pay(fleet, 'R1', 'R2', 'R3')
  await eventually(() => expect(said(fleet, 'traces cannot be delivered')).toHaveLength(1), PATIENCE)
  await pay(fleet, 'R4', 'R5')
  const asked = performance.now()
  fleet.workers[0]?.signal('SIGTERM')
  expect(await fleet.workers[0]?.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - asked).toBeLessThan(5_000)
  expect(said(fleet, 'traces cannot be delivered')).toHaveLength(1)
  expect(said(fleet, 'stopped')).toHaveLength(1)
  expect(fleet.workers[0]?.stderr()).toBe('')
})

test('a collector that never answers does not keep a process from ending', { timeout: 60_000 }, async () => {
  const collector = await collectorFor()
  collector.answerWith(0)
  const fleet = await fleetFor(collector.endpoint)
  await pay(fleet, 'R1')
  const asked = performance.now()
  fleet.workers[0]?.signal('SIGTERM')
  expect(await fleet.workers[0]?.ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - asked).toBeLessThan(5_000)
  expect(said(fleet, 'stopped')).toHaveLength(1)
})

test('a collector that comes back gets traces again', { timeout: 90_000 }, async () => {
  const collector = await collectorFor()
  collector.answerWith(400)
  const fleet = await fleetFor(`${collector.endpoint}/`)
  await pay(fleet, 'R1')
  await eventually(() => expect(said(fleet, 'traces cannot be delivered')).toHaveLength(1), PATIENCE)
  collector.answerWith(200)
  await pay(fleet, 'R2')
  await collector.collected(({ name, attributes }) => name === 'publish' && attributes.no_refund === 'R2')
  await eventually(() => expect(said(fleet, 'traces are delivered again')).toHaveLength(1), PATIENCE)
})

test('what was not sent yet is sent when the process ends', { timeout: 60_000 }, async () => {
  const collector = await collectorFor()
  const fleet = await fleetFor(collector.endpoint)
  await pay(fleet, 'R1')
  fleet.workers[0]?.signal('SIGTERM')
  await fleet.workers[0]?.ended
  expect(collector.spans.filter(({ name }) => name === 'publish')).toHaveLength(1)
})
