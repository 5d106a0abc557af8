import { describe, expect, test } from 'vitest'
import { DATA, ENVELOPE, NUMBER, notice, operator, PARTNER, POLICY } from './builders.ts'
import { processing, waiting } from './story.ts'

describe('refund.held', () => {
  const TOLD = { ...POLICY, heldEvents: true }

  test('is not sent by default', () => {
    expect(processing().sees(operator.hold).events).toEqual([])
    expect(waiting({ ...POLICY, maxRefundFen: 1 }).events).toEqual([])
  })

  test('is no completion: it has an id of its own, its reasons, and neither outcome nor settled_by', () => {
    const story = processing(TOLD).sees(operator.hold)
    expect(story.events).toStrictEqual([
      {
        ...ENVELOPE,
        id: `${PARTNER}/${NUMBER}/held-1`,
        type: 'refund.held',
        time: new Date(story.now).toISOString(),
        data: {
          oid_partner: PARTNER,
          no_refund: NUMBER,
          dt_refund: '20261121200000',
          money_refund: '200.01',
          no_order: DATA.no_order,
          oid_refundno: '2013051613121201',
          sta_refund: '0',
          ret_code: '0000',
          ret_msg: '交易成功',
          attempts: 1,
          requested_at: '2026-11-21T12:00:00.000Z',
          reasons: ['operator'],
          metadata: {},
        },
      },
    ])
    expect(story.record.events).toBe(0)
  })

  test('is sent for each time that a refund becomes held, once', () => {
    const story = processing(TOLD).sees(operator.hold, notice('2', { fen: 1 }), operator.release, operator.hold)
    expect(story.events.map(({ id }) => id.split('/').at(-1))).toEqual(['held-1', 'held-2'])
  })

  test('is sent for a refund that is held from its first moment', () => {
    const story = waiting({ ...TOLD, maxRefundFen: 1 })
    expect(story.events).toMatchObject([{ type: 'refund.held', data: { reasons: ['cap'], attempts: 0 } }])
  })

  test('leaves the completion event the version it would have had', () => {
    const story = processing(TOLD).sees(operator.hold, notice('2'))
    expect(story.events.map(({ id }) => id.split('/').at(-1))).toEqual(['held-1', '1'])
  })
})
