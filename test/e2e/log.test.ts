import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { findLeaks } from './leaked-secrets.ts'
import { notification, post } from './notification.ts'
import { PARTNER } from './settings.ts'
import type { LogLine } from './worker-process.ts'

let fleet: Fleet
beforeAll(async () => {
  fleet = await startFleet({ settings: { LOG_LEVEL: 'trace' } })
})
afterAll(async () => await fleet?.stop())

const lines = (no_refund: string): LogLine[] =>
  fleet.workers.flatMap((worker) => worker.log()).filter((line) => line.no_refund === no_refund)

const changes = (no_refund: string) => lines(no_refund).filter((line) => line.from !== line.to)

test('every change of state is one line with the refund, from, to, code and attempt', async () => {
  fleet.simulator.script('told', { submit: ['9999'] })
  await fleet.add({ no_refund: 'told' })
  await fleet.event('told')
  const told = await eventually(() => {
    const seen = changes('told')
    return seen.at(-1)?.to === 'succeeded' && seen
  })
  expect(told.map(({ from, to }) => `${String(from)} ${String(to)}`)).toEqual([
    'none sending',
    'sending unknown',
    'unknown sending',
    'sending processing',
    'processing succeeded',
  ])
  for (const line of told) expect(line).toMatchObject({ oid_partner: PARTNER, no_refund: 'told' })
  const [, refused, , accepted] = told.map(({ ret_code }) => ret_code)
  expect([refused, accepted]).toEqual(['9999', '0000'])
  expect(told.map(({ attempt }) => attempt).slice(0, 4)).toEqual([1, 1, 2, 2])
})

test('nothing of a key, a signature or a request is in any stream, at the finest level, whatever goes wrong', async () => {
  const faults = [
    'bad_signature',
    'malformed_json',
    'wrong_number',
    'accept_then_drop',
    'huge_body',
    '1001',
    '9999',
  ] as const
  for (const [index, fault] of faults.entries()) {
    fleet.simulator.script(`leak-${index}`, {
      submit: [fault],
      query: ['bad_signature', 'malformed_json'],
      notify: ['forged'],
    })
    await fleet.add({ no_refund: `leak-${index}`, metadata: { card: '6222020200112233' } })
  }
  await fleet.refunds.add('refund', { no_refund: 'leak-bad', money_refund: '1.', sign: 'x', notify_url: 1 })
  const forged = notification({ oid_partner: PARTNER, no_refund: 'leak-1', money_refund: '1.00', sta_refund: '2' })
  await post(fleet.notifyUrl, forged.replace('1.00', '9.00'))
  await post(fleet.notifyUrl, forged.slice(0, -5))
  for (const index of [0, 1, 2, 3, 4, 6]) await fleet.event(`leak-${index}`)
  await fleet.held('leak-5')
  await eventually(() => expect(fleet.simulator.summary().notifications.open).toBe(0))
  const scan = (more: string) => {
    const talkative = fleet.workers.map((worker) => ({ ...worker, stdout: () => worker.stdout() + more }))
    return findLeaks(talkative, fleet.simulator.requests, fleet.settings)
  }
  expect(scan('')).toEqual([])
  expect(scan(JSON.stringify({ req: fleet.simulator.requests[0]?.body })), 'the scan finds a request').not.toEqual([])
  expect(scan(fleet.settings.LIANLIAN_PRIVATE_KEY ?? ''), 'the scan finds a key').not.toEqual([])
  const text = fleet.workers.map((worker) => worker.stdout() + worker.stderr()).join('')
  expect(text).not.toContain('6222020200112233')
  expect(text).not.toContain('"sign":')
  expect(text).not.toContain('PRIVATE KEY')
  expect(fleet.workers.map((worker) => worker.stderr())).toEqual([''])
})

test('a job that fails before it is a refund is told with its number', async () => {
  await fleet.add({ no_refund: 'reused' })
  await fleet.event('reused')
  const job = await fleet.add({ no_refund: 'reused', money_refund: '2.00' })
  const line = await eventually(() => lines('reused').find(({ msg }) => msg === 'a job was refused') ?? false)
  expect(line).toMatchObject({ level: 'warn', oid_partner: PARTNER, job })
  expect(JSON.stringify(line.faults)).toContain('no_refund_conflict')
})

test('a line of the receiver and of every worker about a refund names it', async () => {
  fleet.simulator.script('named', { submit: ['9999'] })
  await fleet.add({ no_refund: 'named' })
  await fleet.event('named')
  const observations = () => new Set(lines('named').map(({ observation }) => observation))
  await eventually(() => expect(observations()).toEqual(new Set(['job', 'submit', 'query', 'notice'])))
  const unnamed = fleet.workers
    .flatMap((worker) => worker.log())
    .filter(
      (line) => line.observation !== undefined && (line.no_refund === undefined || line.oid_partner === undefined),
    )
  expect(unnamed).toEqual([])
})
