import { describe, expect, test } from 'vitest'
import { DATA, DT, defaults, FEN, NOTIFY_URL, NUMBER, PARTNER, parse } from './builders.ts'
import { accepted, faulty } from './job-reading.ts'

describe('a job that gives only what is required', () => {
  test('is read, and the rest has its default', () => {
    const { request, identity, dated, order_amount, metadata } = accepted(DATA)
    expect(request).toEqual({
      oid_partner: PARTNER,
      no_refund: NUMBER,
      fen: FEN,
      kind: 'domestic',
      dt_refund: DT,
      notify_url: NOTIFY_URL,
      no_order: DATA.no_order,
    })
    expect(identity).toEqual({ oid_partner: PARTNER, no_refund: NUMBER })
    expect({ dated, order_amount, metadata }).toEqual({ dated: false, order_amount: undefined, metadata: undefined })
  })

  test('has the job timestamp in UTC+8 as dt_refund', () => {
    const timestamp = Date.UTC(2026, 11, 31, 16, 0, 59, 999)
    expect(accepted(DATA, defaults(timestamp)).request.dt_refund).toBe('20270101000059')
  })

  test('may name the payment by oid_paybill alone', () => {
    const { no_order: _order, ...rest } = DATA
    const { request } = accepted({ ...rest, oid_paybill: '2013051613121201' })
    expect(request).toMatchObject({ oid_paybill: '2013051613121201' })
    expect(request).not.toHaveProperty('no_order')
  })
})

test('a job that gives everything is read as it is', () => {
  const given = {
    ...DATA,
    oid_paybill: '2013051613121201',
    dt_order: '20130514094018',
    oid_partner: PARTNER,
    dt_refund: '20130515094018',
    notify_url: 'http://merchant.example/own',
    kind: 'exchange',
    metadata: { ticket: '7', 票: '七' },
  }
  const { request, dated, order_amount, metadata } = accepted({ ...given, order_amount: '500.5' })
  const { money_refund: _money, metadata: _metadata, ...fields } = given
  expect(request).toEqual({ ...fields, fen: FEN })
  expect({ dated, order_amount, metadata }).toEqual({ dated: true, order_amount: 50_050, metadata: given.metadata })
})

describe('a field within its rule is taken', () => {
  test.for([
    ['no_refund', 'a'],
    ['no_refund', 'A-Za-z0-9_-.'],
    ['no_refund', 'x'.repeat(32)],
    ['money_refund', '0.01'],
    ['money_refund', '100000000.00'],
    ['money_refund', '5'],
    ['money_refund', '0.1'],
    ['no_order', '!~"#$%\'()*+,/:;<>?@[]^`{|}'],
    ['no_order', 'x'.repeat(32)],
    ['oid_paybill', 'x'.repeat(32)],
    ['dt_order', '20240229235959'],
    ['oid_partner', PARTNER],
    ['dt_refund', '20240229235959'],
    ['notify_url', `https://merchant.example/${'x'.repeat(103)}`],
    ['kind', 'domestic'],
    ['kind', 'exchange'],
    ['order_amount', '100000000'],
    ['metadata', {}],
    ['metadata', { a: 'x'.repeat(4000) }],
    ['schema_version', '1'],
  ] as const)('%s %j', ([field, value]) => {
    expect(faulty({ ...DATA, [field]: value })).toEqual([])
  })
})

describe('a field against its rule is named', () => {
  const amounts = [
    '0',
    '0.00',
    '0.001',
    '100000000.01',
    '1.',
    '.5',
    '-1',
    '+1',
    '1e3',
    '1,5',
    '1.00\n',
    ' 1',
    '',
    'x',
    1,
  ]
  const moments = [
    '20230229000000',
    '20231301000000',
    '2023010124000',
    '20230101240000',
    '2023-01-01',
    '',
    20230101000000,
  ]
  const orders = ['', 'x'.repeat(33), 'a b', 'a&b', 'a=b', 'ä', 'a\n', '\t', '订单', 7]
  const faults: readonly (readonly [string, readonly unknown[]])[] = [
    ['no_refund', ['', 'x'.repeat(33), 'a b', 'a/b', 'a:b', 'ä', 'a\n', '退款', 2013051500001]],
    ['money_refund', amounts],
    ['order_amount', amounts],
    ['no_order', orders],
    ['oid_paybill', orders],
    ['dt_order', moments],
    ['dt_refund', moments],
    [
      'oid_partner',
      ['', '20110317100000000', '2011031710000000000', '20110317100000000x', `${PARTNER}\n`, 201103171000000000],
    ],
    [
      'notify_url',
      [
        '',
        'merchant.example/n',
        'ftp://merchant.example/n',
        'http://',
        'http://a b/',
        `http://a/${'x'.repeat(120)}`,
        5,
      ],
    ],
    ['kind', ['Domestic', 'foreign', '', 0]],
    ['metadata', ['text', [], ['a'], 5, { a: 'x'.repeat(4090) }]],
    ['metadata.a', [{ a: 1 }, { a: null }, { a: {} }, { a: ['b'] }, { a: true }]],
    ['schema_version', ['2', '', 'x', 2]],
  ]
  const cases = faults.flatMap(([field, values]) => values.map((value) => [field, value] as const))

  test.for(cases)('%s %j', ([field, value]) => {
    expect(faulty({ ...DATA, [field.split('.')[0] ?? field]: value })).toEqual([field])
  })

  test.for([
    'no_refund',
    'money_refund',
    'no_order',
    'oid_paybill',
    'dt_order',
    'oid_partner',
    'dt_refund',
    'notify_url',
    'kind',
    'order_amount',
    'metadata',
    'schema_version',
  ])('null for %s: a field is absent or has its type', (field) => {
    expect(faulty({ ...DATA, [field]: null })).toEqual([field])
  })

  test('no_refund missing', () => {
    const { no_refund: _number, ...rest } = DATA
    expect(faulty(rest)).toEqual(['no_refund'])
  })

  test('money_refund missing', () => {
    const { money_refund: _money, ...rest } = DATA
    expect(faulty(rest)).toEqual(['money_refund'])
  })

  test('neither no_order nor oid_paybill', () => {
    const { no_order: _order, ...rest } = DATA
    expect(parse(rest)).toMatchObject({ ok: false, faults: [expect.stringContaining('oid_paybill')] })
  })
})

describe('a refusal', () => {
  test('lists every fault at once', () => {
    const fields = faulty({
      no_refund: 'a b',
      money_refund: '1.',
      dt_order: 'x',
      dt_refund: 'x',
      notify_url: 'x',
      kind: 'x',
      order_amount: 'x',
      metadata: { a: 1, b: 'c' },
      schema_version: '2',
      extra: 1,
      further: 2,
    })
    const expected = ['no_refund', 'money_refund', 'dt_order', 'dt_refund', 'notify_url', 'kind', 'order_amount']
    expect(fields.toSorted()).toEqual(
      [...expected, 'metadata.a', 'schema_version', 'extra', 'further', 'no_order'].toSorted(),
    )
  })

  test('names an unknown field', () => {
    expect(faulty({ ...DATA, refund_reason: 'broken' })).toEqual(['refund_reason'])
  })

  test('hints at money_refund where the gateway sample misleads to money_order', () => {
    const { money_refund, ...rest } = DATA
    const parsed = parse({ ...rest, money_order: money_refund })
    expect(parsed).toMatchObject({
      ok: false,
      faults: expect.arrayContaining([expect.stringMatching(/^money_order: .*money_refund/)]),
    })
  })

  test.for([undefined, null, 5, 'text', true, []])('of %j says that an object is expected', (data) => {
    const parsed = parse(data)
    expect(parsed).toMatchObject({ ok: false, faults: [expect.stringContaining('object')] })
    expect(parsed.identity).toBeUndefined()
  })

  test('does not repeat the values that it refuses', () => {
    const parsed = parse({ ...DATA, notify_url: 'secret-url', kind: 'secret-kind', metadata: { a: 'b', c: 7_654_321 } })
    expect(JSON.stringify(parsed)).not.toMatch(/secret|7654321/)
  })
})
