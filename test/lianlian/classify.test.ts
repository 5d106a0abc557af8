import { describe, expect, test } from 'vitest'
import { classifyQuery, classifySubmit } from '../../src/lianlian/classify.ts'
import type { Exchange } from '../../src/lianlian/exchange.ts'
import { RETURN_CODE_TABLE } from '../../src/lianlian/return-code-table.ts'
import { ACCEPTED, ECHO, keyPair, REQUEST, signedBody } from './sample.ts'

const gateway = keyPair()
const stranger = keyPair()

type Fields = Readonly<Record<string, string>>

const signed = (fields: Fields): Exchange => answered(signedBody(fields, gateway.privateKey))
const unsigned = (fields: Fields): Exchange => answered(JSON.stringify(fields))
const forged = (fields: Fields): Exchange => answered(signedBody(fields, stranger.privateKey))

function answered(body: string, status = 200): Exchange {
  return { kind: 'answered', status, body: Buffer.from(body) }
}

const submit = (exchange: Exchange, trustUnsignedRefusals = true) =>
  classifySubmit({ request: REQUEST, exchange, publicKeys: gateway.publicKeys, trustUnsignedRefusals })
const query = (exchange: Exchange) => classifyQuery({ request: REQUEST, exchange, publicKeys: gateway.publicKeys })

function without(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name))
}

const DISTRUSTED = { kind: 'unclear', quarantine: 'full', fields: {} }
const INCONCLUSIVE = { kind: 'inconclusive', unreachable: false, fields: {} }

/** Answers of which nothing may be believed, whichever call they answer. */
const unbelievable: readonly (readonly [string, Exchange])[] = [
  ['HTTP 500 with a good body', answered(signedBody(ACCEPTED, gateway.privateKey), 500)],
  ['HTTP 201 with a good body', answered(signedBody(ACCEPTED, gateway.privateKey), 201)],
  ['HTTP 302', answered('', 302)],
  ['an empty body', answered('')],
  ['a page of HTML', answered('<html>busy</html>')],
  ['a cut body', answered(signedBody(ACCEPTED, gateway.privateKey).slice(0, -1))],
  ['a number for a text', answered('{"ret_code":"5003","rate":1}')],
  ['a repeated key', answered('{"ret_code":"5003","ret_code":"0000"}')],
  ['no code', unsigned({ ret_msg: 'x' })],
  ['a malformed code', unsigned({ ret_code: '500' })],
  ['0000 without a signature', unsigned(ACCEPTED)],
  ['0000 signed by another key', forged(ACCEPTED)],
  ['0000 with an empty signature', unsigned({ ...ACCEPTED, sign_type: 'RSA', sign: '' })],
  ['0000 signed, then altered', answered(signedBody(ACCEPTED, gateway.privateKey).replace('"1"', '"2"'))],
  ['a refusal signed by another key', forged({ ret_code: '5003', ...ECHO })],
  ['a refusal with an empty signature', unsigned({ ret_code: '5003', sign: '' })],
  ['not found, signed by another key', forged({ ret_code: '8901', ...ECHO })],
  ['0000 for another merchant', signed({ ...ACCEPTED, oid_partner: '201103171000000001' })],
  ['0000 for another number', signed({ ...ACCEPTED, no_refund: '2013051500002' })],
  ['0000 for another dt_refund', signed({ ...ACCEPTED, dt_refund: '20130515094019' })],
  ['0000 without the merchant', signed(without(ACCEPTED, 'oid_partner'))],
  ['0000 with an empty merchant', signed({ ...ACCEPTED, oid_partner: '' })],
  ['0000 without the number', signed(without(ACCEPTED, 'no_refund'))],
  ['0000 without the amount', signed(without(ACCEPTED, 'money_refund'))],
  ['0000 with an empty amount', signed({ ...ACCEPTED, money_refund: '' })],
  ['0000 with an amount that is none', signed({ ...ACCEPTED, money_refund: '200.010' })],
  ['a refusal of another number, signed', signed({ ret_code: '5003', ...ECHO, no_refund: 'other' })],
  ['a refusal of another number, unsigned', unsigned({ ret_code: '5003', no_refund: 'other' })],
  ['a refusal of another merchant', unsigned({ ret_code: '5003', oid_partner: '201103171000000001' })],
  ['a refusal of another amount', signed({ ret_code: '5003', ...ECHO, money_refund: '200.02' })],
  ['a refusal of an amount that is none', unsigned({ ret_code: '5003', money_refund: '-1' })],
  ['a refusal of another dt_refund', unsigned({ ret_code: '5003', dt_refund: '20130515094019' })],
  ['not found of another number', unsigned({ ret_code: '8901', no_refund: 'other' })],
  ['not found of another amount', unsigned({ ret_code: '8901', money_refund: '1.00' })],
]

describe("the gateway's fields about a refund", () => {
  const { ret_code: _code, ret_msg: _text, ...about } = ACCEPTED
  test.each(['5003', '1002', '1007', '5006'])(
    'are believed of a %s that is signed and names it, and of no other',
    (ret_code) => {
      const told = { ...about, ret_code }
      expect(submit(signed(told))).toMatchObject({ fields: { ret_code, oid_refundno: ACCEPTED.oid_refundno } })
      for (const exchange of [
        unsigned(told),
        signed(without(told, 'no_refund')),
        signed(without(told, 'oid_partner')),
      ]) {
        const outcome = submit(exchange)
        expect('fields' in outcome && outcome.fields).toEqual({ ret_code })
      }
    },
  )
})

describe('a submit', () => {
  test.each(unbelievable)('learns nothing from %s', (_name, exchange) => {
    expect(submit(exchange)).toEqual({ ...DISTRUSTED, reason: expect.any(String) })
  })

  test('learns nothing from a lost call', () => {
    expect(submit({ kind: 'lost', reason: 'reset' })).toEqual({ ...DISTRUSTED, reason: 'reset' })
  })

  test.each([true, false])('that never left says so, and whether the gateway was unreachable (%s)', (unreachable) => {
    const exchange = { kind: 'never_left', reason: 'why', unreachable } as const
    expect(submit(exchange)).toEqual(exchange)
  })

  test('learns nothing from 0000 with another amount', () => {
    expect(submit(signed({ ...ACCEPTED, money_refund: '200.02' }))).toMatchObject(DISTRUSTED)
  })

  test('is accepted by a signed 0000 with our merchant, number and amount', () => {
    const fields = { ret_code: '0000', ret_msg: '交易成功', oid_refundno: '2013051613121201', sta_refund: '1' }
    expect(submit(signed(ACCEPTED))).toEqual({ kind: 'accepted', fields })
    expect(submit(signed(without(ACCEPTED, 'dt_refund')))).toEqual({ kind: 'accepted', fields })
    expect(submit(signed({ ...ACCEPTED, unheard_of: 'x' }))).toEqual({ kind: 'accepted', fields })
  })

  test('compares amounts as fen', () => {
    for (const [fen, money_refund] of [
      [10, '0.1'],
      [10, '00.10'],
      [500, '5'],
    ] as const) {
      const exchange = signed({ ...ACCEPTED, money_refund })
      const received = { exchange, publicKeys: gateway.publicKeys, trustUnsignedRefusals: true }
      expect(classifySubmit({ ...received, request: { ...REQUEST, fen } }).kind).toBe('accepted')
    }
  })

  test('is refused conclusively by a signed refusal, whatever the setting', () => {
    const exchange = signed({ ret_code: '5003', ret_msg: '退款金额错误', ...ECHO })
    for (const trust of [true, false]) {
      expect(submit(exchange, trust)).toEqual({
        kind: 'refused',
        conclusive: true,
        quarantine: 'full',
        fields: { ret_code: '5003', ret_msg: '退款金额错误' },
      })
    }
  })

  test('leaves it to the setting whether an unsigned refusal is conclusive', () => {
    const exchange = unsigned({ ret_code: '9093', ret_msg: 'x' })
    expect(submit(exchange, true)).toMatchObject({ kind: 'refused', conclusive: true })
    expect(submit(exchange, false)).toMatchObject({ kind: 'refused', conclusive: false })
  })

  test('takes a signed refusal that does not name the refund for an unsigned one', () => {
    const exchange = signed({ ret_code: '5003', oid_partner: REQUEST.oid_partner })
    expect(submit(exchange, true)).toMatchObject({ kind: 'refused', conclusive: true })
    expect(submit(exchange, false)).toMatchObject({ kind: 'refused', conclusive: false })
  })

  test('is never refused conclusively by 5007', () => {
    expect(submit(signed({ ret_code: '5007', ...ECHO }))).toMatchObject({ kind: 'refused', conclusive: false })
    expect(submit(unsigned({ ret_code: '5007' }))).toMatchObject({ kind: 'refused', conclusive: false })
  })

  test.each([
    ['1002', { kind: 'already_known', fields: { ret_code: '1002' } }],
    [
      '5006',
      { kind: 'needs_operator', hold: 'insufficient_balance', quarantine: 'short', fields: { ret_code: '5006' } },
    ],
    ['1001', { kind: 'needs_operator', hold: 'configuration', quarantine: 'short', fields: { ret_code: '1001' } }],
    ['1014', { kind: 'needs_operator', hold: 'configuration', quarantine: 'full', fields: { ret_code: '1014' } }],
    [
      '5005',
      { kind: 'unclear', reason: expect.stringContaining('5005'), quarantine: 'short', fields: { ret_code: '5005' } },
    ],
    [
      '4104',
      { kind: 'unclear', reason: expect.stringContaining('4104'), quarantine: 'short', fields: { ret_code: '4104' } },
    ],
    [
      '9999',
      { kind: 'unclear', reason: expect.stringContaining('9999'), quarantine: 'full', fields: { ret_code: '9999' } },
    ],
    [
      '8901',
      { kind: 'unclear', reason: expect.stringContaining('8901'), quarantine: 'full', fields: { ret_code: '8901' } },
    ],
    [
      '4711',
      { kind: 'unclear', reason: expect.stringContaining('4711'), quarantine: 'full', fields: { ret_code: '4711' } },
    ],
  ])('answered with %s, signed or not, waits or asks', (ret_code, outcome) => {
    expect(submit(unsigned({ ret_code }), false)).toEqual(outcome)
    expect(submit(signed({ ret_code, ...ECHO }), false)).toEqual(outcome)
  })

  test('has an outcome for every code, and only 0000 is accepted', () => {
    const kinds = {
      success: 'accepted',
      'already-known-query': 'already_known',
      'terminal-failure': 'refused',
      'needs-operator': 'needs_operator',
      'retry-same-request': 'unclear',
      'ambiguous-query-first': 'unclear',
    }
    for (const [ret_code, , submitClass] of RETURN_CODE_TABLE) {
      expect([ret_code, submit(signed({ ...ACCEPTED, ret_code })).kind]).toEqual([ret_code, kinds[submitClass]])
    }
  })
})

describe('a query', () => {
  test.each(unbelievable)('learns nothing from %s', (_name, exchange) => {
    expect(query(exchange)).toEqual({ ...INCONCLUSIVE, reason: expect.any(String) })
  })

  test('that failed says whether the gateway was unreachable', () => {
    expect(query({ kind: 'lost', reason: 'reset' })).toEqual({ ...INCONCLUSIVE, reason: 'reset' })
    expect(query({ kind: 'never_left', reason: 'refused', unreachable: true })).toEqual({
      ...INCONCLUSIVE,
      reason: 'refused',
      unreachable: true,
    })
    expect(query({ kind: 'never_left', reason: 'signing failed', unreachable: false })).toMatchObject(INCONCLUSIVE)
  })

  test('finds the refund in a signed 0000, with the amount the gateway names', () => {
    const settled = { ...ACCEPTED, sta_refund: '2', settle_date: '20130627' }
    expect(query(signed(settled))).toEqual({
      kind: 'found',
      fen: 20001,
      fields: {
        ret_code: '0000',
        ret_msg: '交易成功',
        oid_refundno: '2013051613121201',
        sta_refund: '2',
        settle_date: '20130627',
      },
    })
    expect(query(signed({ ...settled, money_refund: '200.02' }))).toMatchObject({ kind: 'found', fen: 20002 })
  })

  test.each(['8901', '5002', '9093'])('is denied by %s, signed or not', (ret_code) => {
    const denied = { kind: 'denied', fields: { ret_code } }
    expect(query(unsigned({ ret_code }))).toEqual(denied)
    expect(query(signed({ ret_code, ...ECHO }))).toEqual(denied)
  })

  test.each(['1001', '1008', '3005'])('needs an operator for %s', (ret_code) => {
    expect(query(unsigned({ ret_code }))).toEqual({ kind: 'needs_operator', fields: { ret_code } })
  })

  test.each(['1002', '2008', '5003', '5006', '9000', '9999', '4711'])(
    'learns nothing about the refund from %s',
    (code) => {
      expect(query(unsigned({ ret_code: code }))).toEqual({
        ...INCONCLUSIVE,
        reason: expect.stringContaining(code),
        fields: { ret_code: code },
      })
    },
  )
})

describe('the fields passed on', () => {
  const fieldsOf = (exchange: Exchange): unknown =>
    submit(exchange).kind === 'never_left' ? {} : Reflect.get(submit(exchange), 'fields')

  test('are those of the exchange refund too', () => {
    const exchange = { money_foreign_refund: '30.03', rate_id: '1', rate: '6.66', exchange_bankcode: '01040000' }
    expect(fieldsOf(signed({ ...ACCEPTED, ...exchange }))).toMatchObject(exchange)
  })

  test.each([
    ['sta_refund', '22'],
    ['sta_refund', 'x'],
    ['sta_refund', '2&rate'],
    ['settle_date', '2013-06-27'],
    ['oid_refundno', '2013 0516'],
    ['oid_refundno', '1'.repeat(33)],
    ['money_foreign_refund', '-30.03'],
    ['rate', '6,66'],
    ['rate_id', 'a=b'],
    ['exchange_bankcode', '\u0000'],
  ])('are of their form: %s is dropped when it is %j', (name, value) => {
    const outcome = submit(signed({ ...ACCEPTED, [name]: value }))
    expect(outcome.kind).toBe('accepted')
    expect(outcome).not.toHaveProperty(['fields', name])
  })

  test('hold of an unsigned answer its code and message alone', () => {
    expect(fieldsOf(unsigned({ ...ACCEPTED, ret_code: '5003', ret_msg: 'no', sta_refund: '3' }))).toEqual({
      ret_code: '5003',
      ret_msg: 'no',
    })
  })

  test('hold a message that cannot break a log line or a page', () => {
    const ret_msg = `\u001b[31m${'长'.repeat(120)}\r\n\u202e`
    expect(fieldsOf(unsigned({ ret_code: '9999', ret_msg }))).toEqual({
      ret_code: '9999',
      ret_msg: `[31m${'长'.repeat(96)}`,
    })
    const pairs = '\u{1f4b0}'.repeat(120)
    expect(fieldsOf(unsigned({ ret_code: '9999', ret_msg: pairs }))).toMatchObject({ ret_msg: '\u{1f4b0}'.repeat(100) })
  })
})
