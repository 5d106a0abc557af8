import { describe, expect, test } from 'vitest'
import {
  BAD_DATA,
  DATA,
  EAGER,
  ENVELOPE,
  job,
  NUMBER,
  notice,
  OTHER_CONTENT,
  operator,
  PARTNER,
  POLICY,
  queries,
  submits,
  T0,
} from './builders.ts'
import { cancelled, failed, processing, rejected, Story, sending, succeeded, unknown, waiting } from './story.ts'

const FULL = {
  ...DATA,
  oid_paybill: '2013051613121201',
  dt_refund: '20261121195959',
  kind: 'exchange',
  metadata: { ticket: '7' },
}
describe('a completion event', () => {
  test('has the exact form of the contract when everything is known', () => {
    const story = new Story()
    story.commit(job(FULL, { permit: story.permit('t') }))
    story.answer(submits.accepted('0'))
    const { fen, dt_refund } = { fen: 20_001, dt_refund: FULL.dt_refund }
    const { event } = story.commit({
      type: 'notice',
      notice: {
        fen,
        dt_refund,
        fields: {
          ret_code: '0000',
          ret_msg: '交易成功',
          oid_refundno: '2013051613121299',
          sta_refund: '2',
          settle_date: '20130627',
          money_foreign_refund: '30.03',
          rate_id: '1',
          rate: '6.66',
          exchange_bankcode: '01040000',
        },
      },
    })
    expect(event).toStrictEqual({
      ...ENVELOPE,
      id: `${PARTNER}/${NUMBER}/1`,
      type: 'refund.succeeded',
      time: '2026-11-21T12:00:01.000Z',
      data: {
        oid_partner: PARTNER,
        no_refund: NUMBER,
        dt_refund: '20261121195959',
        money_refund: '200.01',
        no_order: DATA.no_order,
        oid_paybill: '2013051613121201',
        oid_refundno: '2013051613121299',
        sta_refund: '2',
        settle_date: '20130627',
        ret_code: '0000',
        ret_msg: '交易成功',
        money_foreign_refund: '30.03',
        rate_id: '1',
        rate: '6.66',
        exchange_bankcode: '01040000',
        outcome: 'succeeded',
        settled_by: 'notification',
        attempts: 1,
        requested_at: '2026-11-21T12:00:00.000Z',
        reasons: [],
        metadata: { ticket: '7' },
      },
    })
  })

  test('leaves out what is not known, and has no null and nothing undefined', () => {
    const { event } = unknown().commit(notice('2'))
    expect(event?.data).toStrictEqual({
      oid_partner: PARTNER,
      no_refund: NUMBER,
      dt_refund: '20261121200000',
      money_refund: '200.01',
      no_order: DATA.no_order,
      sta_refund: '2',
      outcome: 'succeeded',
      settled_by: 'notification',
      attempts: 1,
      requested_at: '2026-11-21T12:00:00.000Z',
      reasons: [],
      metadata: {},
    })
  })

  test('of data that could not be read names who and why, and what could be read of it', () => {
    expect(rejected().events).toStrictEqual([
      {
        ...ENVELOPE,
        id: `${PARTNER}/${NUMBER}/1`,
        type: 'refund.rejected',
        time: '2026-11-21T12:00:00.000Z',
        data: {
          oid_partner: PARTNER,
          no_refund: NUMBER,
          no_order: DATA.no_order,
          outcome: 'rejected',
          settled_by: 'validation',
          attempts: 0,
          requested_at: '2026-11-21T12:00:00.000Z',
          reasons: [expect.stringMatching(/^money_refund: /)],
          metadata: {},
        },
      },
    ])
  })

  test('has metadata back though another field could not be read', () => {
    const story = waiting(POLICY, job({ ...BAD_DATA, metadata: { ticket: '7' } }))
    expect(story.events[0]?.data.metadata).toEqual({ ticket: '7' })
  })

  test('has the amount in two decimals back though another field could not be read', () => {
    const story = waiting(POLICY, job({ kind: 'x', money_refund: '5', dt_refund: '20261121200000' }))
    expect(story.events[0]).toMatchObject({
      type: 'refund.rejected',
      data: { money_refund: '5.00', dt_refund: '20261121200000', no_order: DATA.no_order },
    })
    expect(story.record).not.toHaveProperty('request')
  })

  test('survives JSON unchanged', () => {
    for (const build of [succeeded, failed, rejected, cancelled]) {
      for (const event of build().events) expect(JSON.parse(JSON.stringify(event))).toStrictEqual(event)
    }
  })

  test.for([
    ['5', '5.00'],
    ['0.1', '0.10'],
    ['0.01', '0.01'],
    ['100000000', '100000000.00'],
  ])('writes money_refund %s as %s', ([money_refund, written]) => {
    const story = waiting(POLICY, job({ money_refund })).sees(operator.cancel)
    expect(story.events[0]?.data.money_refund).toBe(written)
  })

  test('counts the sends that may have left, not those that never left', () => {
    const story = sending(EAGER)
    story.answer(submits.neverLeft)
    story.commit({ type: 'look', permit: story.permit('second') })
    story.answer(submits.timeout)
    story.ask(queries.denied, 'third')
    story.answer(submits.accepted('2'))
    expect(story.events).toMatchObject([{ data: { attempts: 2 } }])
  })

  test('tells when the job was added, whenever it was accepted', () => {
    const story = waiting(POLICY, job({}, { at: T0 - 90_000 })).sees(operator.cancel)
    expect(story.events[0]?.data.requested_at).toBe('2026-11-21T11:58:30.000Z')
  })

  test('has no code of an earlier answer beside a later one', () => {
    const story = unknown(POLICY, submits.busy)
    story.ask(queries.found('2'))
    expect(story.events[0]?.data).toMatchObject({ ret_code: '0000', ret_msg: '交易成功' })
    const noticed = unknown(POLICY, submits.busy).sees(notice('2'))
    expect(noticed.events[0]?.data).not.toHaveProperty('ret_code')
  })
})

describe('type, outcome and settled_by', () => {
  const by = (story: Story) => story.events.map(({ type, data }) => [type, data.outcome, data.settled_by])

  test('by the response to the send', () => {
    for (const [outcome, state] of [
      [submits.accepted('2'), 'succeeded'],
      [submits.accepted('3'), 'failed'],
      [submits.refused, 'failed'],
    ] as const) {
      expect(by(unknown(POLICY, outcome))).toEqual([[`refund.${state}`, state, 'response']])
    }
  })

  test('by a query', () => {
    const story = processing()
    story.ask(queries.found('3'))
    expect(by(story)).toEqual([['refund.failed', 'failed', 'query']])
  })

  test('by a notification', () => {
    expect(by(succeeded())).toEqual([['refund.succeeded', 'succeeded', 'notification']])
    expect(by(failed())).toEqual([['refund.failed', 'failed', 'notification']])
  })

  test('by validation', () => {
    expect(by(rejected())).toEqual([['refund.rejected', 'rejected', 'validation']])
    expect(by(waiting(POLICY, job({}, { breaches: ['over_refund'] })))).toEqual([
      ['refund.rejected', 'rejected', 'validation'],
    ])
  })

  test('by an operator', () => {
    expect(by(cancelled())).toEqual([['refund.rejected', 'rejected', 'operator']])
    expect(by(unknown().sees(operator.resolve('failed')))).toEqual([['refund.failed', 'failed', 'operator']])
    expect(by(succeeded().sees(notice('3'), operator.resolve('failed')))).toEqual([
      ['refund.succeeded', 'succeeded', 'notification'],
      ['refund.corrected', 'failed', 'operator'],
    ])
  })
})

describe('the version of an event', () => {
  const versions = (story: Story) => story.events.map(({ id }) => id.split('/').at(-1))

  test('counts on when a rejected number opens again', () => {
    const story = rejected()
    story.commit(job(OTHER_CONTENT, { permit: story.permit('t') }))
    expect(story.events).toHaveLength(1)
    story.answer(submits.accepted('2'))
    expect(versions(story)).toEqual(['1', '2'])
    expect(story.events[1]).toMatchObject({ type: 'refund.succeeded', data: { money_refund: '200.02', reasons: [] } })
  })

  test('counts every correction', () => {
    const story = failed().sees(notice('2'), operator.resolve('succeeded'), notice('3'), operator.resolve('failed'))
    expect(versions(story)).toEqual(['1', '2', '3'])
    expect(story.record.events).toBe(3)
  })

  test('does not count contradictions, duplicates or holds', () => {
    const story = succeeded({ ...POLICY, heldEvents: true }).sees(notice('3'))
    story.see(notice('2'))
    expect(story.record.events).toBe(1)
    expect(versions(story)).toEqual(['1'])
  })
})
