import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Script } from '../../src/simulator/faults.ts'
import { eventually } from '../support/eventually.ts'
import { type Fleet, type FleetEvent, startFleet } from './fleet.ts'

/** A repeated number is paid again here, so each of these would show money paid twice in the gateway's book. */
let fleet: Fleet
beforeAll(async () => {
  fleet = await startFleet({ settings: { GATEWAY_TIMEOUT_MS: '700' }, simulator: { slowBodyMs: 2500 } })
})
afterAll(async () => await fleet?.stop())

const patience = { timeoutMs: 40_000 }
const concurrent = { concurrent: true, timeout: 60_000 }

async function paidOnce(no_refund: string): Promise<FleetEvent> {
  const event = await fleet.event(no_refund, patience)
  expect(event).toMatchObject({ type: 'refund.succeeded', data: { outcome: 'succeeded', sta_refund: '2' } })
  expect(await fleet.standing(no_refund)).toMatchObject({ state: 'succeeded', holds: [] })
  expect(fleet.moved(no_refund)).toBe(1)
  return event
}

async function onlyEvent(no_refund: string): Promise<void> {
  expect(await fleet.events(no_refund)).toHaveLength(1)
  expect(fleet.moved(no_refund)).toBe(1)
}

const lost: Script['notify'] = ['lost']

const submitFaults = {
  drop_before: { submit: ['drop_before'] },
  timeout: { submit: ['timeout'] },
  http_500: { submit: ['http_500'] },
  accept_then_drop: { submit: ['accept_then_drop'], notify: lost },
  accept_then_timeout: { submit: ['accept_then_timeout'], notify: lost },
  pay_then_500: { submit: ['pay_then_500'], notify: lost },
  malformed_json: { submit: ['malformed_json'], notify: lost },
  bad_signature: { submit: ['bad_signature'], notify: lost },
  unsigned_success: { submit: ['unsigned_success'], notify: lost },
  wrong_number: { submit: ['wrong_number'], notify: lost },
  wrong_amount: { submit: ['wrong_amount'], notify: lost },
  slow_body: { submit: ['slow_body'], notify: lost },
  huge_body: { submit: ['huge_body'], notify: lost },
  'paid, then 9999': { submit: [{ accept_then: '9999' }], notify: lost },
  'paid, then 5005': { submit: [{ accept_then: '5005' }], notify: lost },
  'paid, then 1002': { submit: [{ accept_then: '1002' }], notify: lost },
  'paid, then 2008': { submit: [{ accept_then: '2008' }], notify: lost },
  'several in a row': { submit: ['drop_before', '9999', 'timeout', 'accept_then_drop'], notify: lost },
} satisfies Record<string, Script>

describe('a send that meets', () => {
  test.each(Object.entries(submitFaults))('%s is paid once, with one event', concurrent, async (name, script) => {
    const no_refund = `submit-${name.replaceAll(/[ ,]/g, '_')}`
    fleet.simulator.script(no_refund, script)
    await fleet.add({ no_refund })
    expect((await paidOnce(no_refund)).subject).toBe(no_refund)
  })
})

const queryFaults = ['9999', '9921', 'drop_before', 'timeout', 'http_500', 'malformed_json', 'bad_signature'] as const
const spoiltAnswers = ['unsigned_success', 'wrong_number', 'slow_body', 'huge_body'] as const

describe('a query that meets', () => {
  test.each([...queryFaults, ...spoiltAnswers])('%s concludes nothing', concurrent, async (fault) => {
    const no_refund = `query-${fault}`
    fleet.simulator.script(no_refund, { submit: ['accept_then_drop'], query: [fault, fault], notify: lost })
    await fleet.add({ no_refund })
    const event = await paidOnce(no_refund)
    expect(event.data.settled_by).toBe('query')
    expect(fleet.submits(no_refund)).toHaveLength(1)
    expect(fleet.queries(no_refund).length).toBeGreaterThan(2)
  })

  test('another amount holds the refund for a person', concurrent, async () => {
    const query = Array.from({ length: 50 }, () => 'wrong_amount' as const)
    fleet.simulator.script('query-wrong_amount', { query, notify: lost })
    await fleet.add({ no_refund: 'query-wrong_amount' })
    expect((await fleet.held('query-wrong_amount')).holds).toEqual(['amount_mismatch'])
    expect(await fleet.events('query-wrong_amount')).toEqual([])
    expect(fleet.submits('query-wrong_amount')).toHaveLength(1)
  })
})

describe('a gateway that learns late of a refund that it will pay', () => {
  test('is not sent it again within the quarantine', concurrent, async () => {
    for (const [no_refund, fault] of [
      ['late-drop', 'accept_then_drop'],
      ['late-500', 'pay_then_500'],
      ['late-timeout', 'accept_then_timeout'],
    ] as const) {
      fleet.simulator.script(no_refund, { submit: [fault], deny_queries_for: 250, settle_ms: 1500, notify: lost })
      await fleet.add({ no_refund })
    }
    for (const no_refund of ['late-drop', 'late-500', 'late-timeout']) {
      await paidOnce(no_refund)
      expect(fleet.submits(no_refund)).toHaveLength(1)
    }
  })
})

const notifyFaults = {
  lost: ['lost'],
  first_lost: ['first_lost'],
  late: [{ late: 1000 }],
  early: ['early'],
  doubled: ['doubled'],
  times_30: ['times_30'],
  reordered: ['reordered'],
  forged: ['forged'],
  without_amount: ['without_amount'],
} satisfies Record<string, Script['notify']>

describe('a notification that is', () => {
  test.each(Object.entries(notifyFaults))('%s leaves one event', concurrent, async (name, notify) => {
    fleet.simulator.script(`notify-${name}`, { notify })
    await fleet.add({ no_refund: `notify-${name}` })
    await paidOnce(`notify-${name}`)
    // the gateway writes a request down with its answer, which an early notification overtakes
    await eventually(() => expect(fleet.submits(`notify-${name}`)).toHaveLength(1))
  })

  test('contradictory (3 after 2) changes nothing that was told, and is recorded', concurrent, async () => {
    fleet.simulator.script('notify-contradictory', { notify: ['contradictory'] })
    await fleet.add({ no_refund: 'notify-contradictory' })
    const event = await paidOnce('notify-contradictory')
    await eventually(async () =>
      expect(await fleet.standing('notify-contradictory')).toMatchObject({ state: 'succeeded', contradiction: true }),
    )
    expect(await fleet.events('notify-contradictory')).toEqual([event])
  })

  test('contradictory (2 after 3) changes nothing that was told, and is recorded', concurrent, async () => {
    fleet.simulator.script('notify-revived', { final: '3', notify: ['contradictory'] })
    await fleet.add({ no_refund: 'notify-revived' })
    const event = await fleet.event('notify-revived')
    expect(event.type).toBe('refund.failed')
    await eventually(async () =>
      expect(await fleet.standing('notify-revived')).toMatchObject({ state: 'failed', contradiction: true }),
    )
    expect(await fleet.events('notify-revived')).toEqual([event])
    expect(fleet.moved('notify-revived')).toBe(0)
  })

  test('about another amount is acknowledged and holds the refund', concurrent, async () => {
    fleet.simulator.script('notify-wrong', {
      notify: ['wrong_amount'],
      query: Array.from({ length: 50 }, () => '9999'),
    })
    await fleet.add({ no_refund: 'notify-wrong' })
    expect((await fleet.held('notify-wrong')).holds).toEqual(['amount_mismatch'])
    expect(await fleet.events('notify-wrong')).toEqual([])
  })
})

describe('a refund that the bank fails (sta_refund 3)', () => {
  test.each(['notification', 'query'])('ends in one refund.failed, told by %s', concurrent, async (by) => {
    fleet.simulator.script(`failed-${by}`, { final: '3', notify: by === 'query' ? lost : [] })
    await fleet.add({ no_refund: `failed-${by}` })
    const event = await fleet.event(`failed-${by}`, patience)
    expect(event).toMatchObject({ type: 'refund.failed', data: { outcome: 'failed', sta_refund: '3' } })
    expect(event.data).not.toHaveProperty('settle_date')
    expect(fleet.moved(`failed-${by}`)).toBe(0)
    expect(await fleet.events(`failed-${by}`)).toHaveLength(1)
  })
})

test('after all of it: no forged notification acknowledged, nothing paid twice, one event each', async () => {
  await eventually(() => expect(fleet.simulator.summary().notifications.open).toBe(0), patience)
  const { notifications, doubled } = fleet.simulator.summary()
  expect(doubled).toEqual([])
  expect(notifications).toMatchObject({ forged_sent: 1, forged_acknowledged: 0, given_up: 0 })
  const subjects = (await fleet.events()).map(({ subject }) => subject)
  expect(subjects).toHaveLength(new Set(subjects).size)
  for (const no_refund of new Set(fleet.simulator.book.map((entry) => entry.no_refund))) {
    if (no_refund !== 'query-wrong_amount' && no_refund !== 'notify-wrong') await onlyEvent(no_refund)
  }
})
