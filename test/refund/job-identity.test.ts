import { describe, expect, test } from 'vitest'
import { type JobDefaults, parseRefundJob } from '../../src/refund/job-data.ts'
import { DATA, defaults, NOTIFY_URL, NUMBER, PARTNER, parse, T0 } from './builders.ts'
import { accepted, faulty } from './job-reading.ts'

const OTHER_PARTNER = '201103171000000001'
const SEVERAL: JobDefaults = {
  timestamp: T0,
  merchants: new Map([
    [PARTNER, { notifyUrl: NOTIFY_URL }],
    [OTHER_PARTNER, {}],
  ]),
}
const NO_DEFAULT_URL: JobDefaults = { timestamp: T0, merchants: new Map([[PARTNER, {}]]) }

describe('several merchants', () => {
  test('each may be named', () => {
    const { request } = accepted({ ...DATA, oid_partner: OTHER_PARTNER, notify_url: NOTIFY_URL }, SEVERAL)
    expect(request.oid_partner).toBe(OTHER_PARTNER)
  })

  test('leave no default', () => {
    expect(faulty(DATA, SEVERAL)).toEqual(['oid_partner'])
  })

  test('have each their own default notify_url', () => {
    expect(accepted({ ...DATA, oid_partner: PARTNER }, SEVERAL).request.notify_url).toBe(NOTIFY_URL)
    expect(faulty({ ...DATA, oid_partner: OTHER_PARTNER }, SEVERAL)).toEqual(['notify_url'])
  })
})

describe('who a refused refund is', () => {
  const bad = { ...DATA, money_refund: '1.' }

  test('is known with a usable number and merchant: an event can be sent', () => {
    expect(parse(bad).identity).toEqual({ oid_partner: PARTNER, no_refund: NUMBER })
    expect(parseRefundJob({ ...bad, oid_partner: PARTNER }, SEVERAL).identity).toEqual({
      oid_partner: PARTNER,
      no_refund: NUMBER,
    })
  })

  test('is known where the default notify_url is missing but the job gives one', () => {
    const parsed = parseRefundJob({ ...bad, notify_url: NOTIFY_URL }, NO_DEFAULT_URL)
    expect(parsed.identity).toEqual({ oid_partner: PARTNER, no_refund: NUMBER })
  })

  test.for([
    ['without a number', { ...bad, no_refund: undefined }, defaults()],
    ['with an unusable number', { ...bad, no_refund: 'a b' }, defaults()],
    ['with a number that is no text', { ...bad, no_refund: 5 }, defaults()],
    ['with a malformed merchant', { ...bad, oid_partner: '7' }, defaults()],
    ['with a merchant that is null', { ...bad, oid_partner: null }, defaults()],
    ['with an unknown merchant', { ...bad, oid_partner: OTHER_PARTNER }, defaults()],
    ['without a merchant among several', bad, SEVERAL],
    ['without any merchant configured', bad, { timestamp: T0, merchants: new Map() }],
    ['without a notify_url or a default', bad, NO_DEFAULT_URL],
  ] as const)('is not known %s: only the job fails', ([, data, known]) => {
    const parsed = parseRefundJob(JSON.parse(JSON.stringify(data)), known)
    expect(parsed.ok).toBe(false)
    expect(parsed.identity).toBeUndefined()
  })

  test('is not known by the missing notify_url alone, though all else is right', () => {
    const parsed = parseRefundJob(DATA, NO_DEFAULT_URL)
    expect(parsed).toMatchObject({ ok: false, faults: [expect.stringMatching(/^notify_url: /)] })
    expect(parsed.identity).toBeUndefined()
  })

  test('an unknown merchant is named in the fault', () => {
    expect(faulty({ ...DATA, oid_partner: OTHER_PARTNER })).toEqual(['oid_partner'])
  })
})
