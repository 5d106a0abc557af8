import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epochOfGatewayTime } from '../../src/refund/gateway-time.ts'
import { type ParsedRefund, parseRefundJob } from '../../src/refund/job-data.ts'
import { DATA, defaults, PARTNER, parse } from './builders.ts'

/** Faults go into the job's failure, the trail and the event: neither many nor long. */
function expectBounded(parsed: ParsedRefund): void {
  if (parsed.ok) return
  expect(parsed.faults.length).toBeGreaterThan(0)
  expect(parsed.faults.length).toBeLessThanOrEqual(50)
  for (const fault of parsed.faults) expect(fault.length).toBeLessThanOrEqual(200)
}

const nested = (depth: number, open: string, close: string): unknown =>
  JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`)

test('metadata of many thousand fields is not read, and the refund is still told of', () => {
  const metadata = Object.fromEntries(Array.from({ length: 300_000 }, (_, n) => [`k${n}`, 'v']))
  const parsed = parse({ ...DATA, metadata })
  expect(parsed).toMatchObject({ ok: false, faults: ['metadata: expected at most 4 KiB as JSON'] })
  expect(parsed.identity).toEqual({ oid_partner: PARTNER, no_refund: DATA.no_refund })
  expect(parsed).not.toHaveProperty('metadata')
})

describe('hostile job data is refused, never thrown at', () => {
  test.for([
    ['a prototype', JSON.parse(`{"__proto__":{"x":1},"no_refund":"a","money_refund":"1","no_order":"o"}`)],
    ['a prototype with every field', JSON.parse(`{"__proto__":${JSON.stringify(DATA)}}`)],
    ['a constructor', { ...DATA, constructor: { prototype: 1 } }],
    ['a toString and a hasOwnProperty', { ...DATA, toString: 1, hasOwnProperty: 2 }],
    ['a toJSON', { ...DATA, toJSON: 'text' }],
    ['a huge array for a text', { ...DATA, no_order: Array.from({ length: 100_000 }, () => 1) }],
    ['a huge array for the data', Array.from({ length: 100_000 }, () => 1)],
    ['a huge text', { ...DATA, no_order: '&'.repeat(1_000_000) }],
    ['a huge amount', { ...DATA, money_refund: '9'.repeat(1_000_000) }],
    ['a huge URL', { ...DATA, notify_url: `http://${'a'.repeat(1_000_000)}` }],
    ['many unknown fields', { ...DATA, ...Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, n])) }],
    [
      'much metadata',
      { ...DATA, metadata: Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, n])) },
    ],
    ['a very long unknown field', { ...DATA, ['k'.repeat(1_000_000)]: 1 }],
    ['a very long field in metadata', { ...DATA, metadata: { ['k'.repeat(1_000_000)]: 1 } }],
    ['a fault in a deep nest', { ...DATA, metadata: { a: nested(500, '[', ']') } }],
  ] as const)('%s', ([, data]) => {
    const parsed = parse(data)
    expect(parsed.ok).toBe(false)
    expectBounded(parsed)
  })

  test.for([
    ['arrays, unknown field', { ...DATA, x: nested(20_000, '[', ']') }],
    ['objects, unknown field', { ...DATA, x: nested(20_000, '{"a":', '}') }],
    ['objects, metadata', { ...DATA, metadata: nested(20_000, '{"a":', '}') }],
    ['arrays, the data itself', nested(20_000, '[', ']')],
  ] as const)('a nest twenty thousand deep: %s', ([, data]) => {
    const parsed = parse(data)
    expect(parsed.ok).toBe(false)
    expectBounded(parsed)
  })

  test.for([Number.NaN, Number.POSITIVE_INFINITY, 1e18, 1.7e15, -1e15])(
    'a job timestamp of %d makes no dt_refund that is not a real date and time',
    (timestamp) => {
      const parsed = parseRefundJob(DATA, defaults(timestamp))
      const dt_refund = parsed.ok ? parsed.request.dt_refund : 'refused'
      expect(dt_refund === 'refused' || epochOfGatewayTime(dt_refund) !== undefined, dt_refund).toBe(true)
    },
  )
})

test('a prototype gives no field', () => {
  const parsed = parse(
    JSON.parse(`{"__proto__":{"oid_partner":"7","money_refund":"9"},"no_refund":"a","no_order":"o"}`),
  )
  expect(parsed).toMatchObject({
    ok: false,
    faults: expect.arrayContaining([expect.stringMatching(/^money_refund: /)]),
  })
})

test('metadata is taken whole or refused, never in part', () => {
  const metadata = JSON.parse('{"a":"b","__proto__":"c"}')
  const parsed = parse({ ...DATA, metadata })
  expect(!parsed.ok || JSON.stringify(parsed.metadata) === JSON.stringify(metadata)).toBe(true)
})

test('any JSON at all is read or refused with bounded faults, and never changes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (data) => {
      const before = JSON.stringify(data)
      expectBounded(parse(data))
      expect(JSON.stringify(data)).toBe(before)
    }),
  )
})

test('any value in any field is read or refused, and a request is always within the rules', () => {
  const field = fc.constantFrom(
    ...Object.keys(DATA),
    'oid_paybill',
    'dt_order',
    'oid_partner',
    'dt_refund',
    'notify_url',
  )
  const near = fc.constantFrom(PARTNER, '0.01', '20260101000000', 'http://a/b', 'exchange', '1', 'a'.repeat(33), '')
  const value = fc.oneof(fc.jsonValue(), near, fc.string())
  fc.assert(
    fc.property(fc.array(fc.tuple(field, value), { maxLength: 4 }), (changes) => {
      const parsed = parse({ ...DATA, ...Object.fromEntries(changes) })
      expectBounded(parsed)
      if (!parsed.ok) return
      const { request } = parsed
      expect(request.no_refund).toMatch(/^[A-Za-z0-9_.-]{1,32}$/)
      expect(Number.isSafeInteger(request.fen) && request.fen >= 1 && request.fen <= 10_000_000_000).toBe(true)
      expect(request.dt_refund).toMatch(/^\d{14}$/)
      expect(request.no_order ?? request.oid_paybill).toMatch(/^[\x21-\x25\x27-\x3c\x3e-\x7e]{1,32}$/)
      expect(request.notify_url.length).toBeLessThanOrEqual(128)
    }),
  )
})

test('names a field with nothing that a terminal or a log would hide, and with its name', () => {
  const names = ['a\u202eb', '\u001b[31m', 'a\nb', '\ufeffno_refund', '', ' ', '\udc00', '\u0085']
  for (const name of names) {
    const parsed = parse({ ...DATA, [name]: '1' })
    const [fault = ''] = parsed.ok ? [] : parsed.faults
    expect(fault).toMatch(/^"[\x20-\x7e]*": unknown field$/)
  }
})
