import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRecord, decodeStored, encodeRecord, trailIn } from '../../src/ledger/codec.ts'
import { type Attempt, HOLD_REASONS, NOTHING_LEARNED, type RefundRecord, STATES } from '../../src/refund/record.ts'

const id = { oid_partner: '201103171000000000', no_refund: 'R-1' }

// few of each, so that those that are left out as usual come up often
const time = fc.constantFrom(1_700_000_000_000, 1_700_000_000_001, 1_700_000_000_002)
const count = fc.nat(2)
const some = <T extends object>(fields: { readonly [name in keyof T]: fc.Arbitrary<T[name]> }) =>
  fc.record(fields, { requiredKeys: [] })

const attempts: fc.Arbitrary<Attempt[]> = fc.array(
  fc
    .tuple(
      fc.record({
        number: count,
        fate: fc.constantFrom('open', 'refused', 'accepted', 'never_left'),
        quarantine: fc.constantFrom('full', 'short'),
        claimed_at: time,
        denials: count,
      }),
      some({ quarantined_from: time, last_denial_at: time, ret_code: fc.constant('9999') }),
    )
    .map(([always, sometimes]): Attempt => Object.assign(always, sometimes)),
  { maxLength: 3 },
)
const texts = fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 })
const records: fc.Arbitrary<RefundRecord> = fc
  .tuple(
    fc.record({
      state: fc.constantFrom(...STATES),
      holds: fc.uniqueArray(fc.constantFrom(...HOLD_REASONS), { maxLength: 3 }),
      content: fc.constantFrom('c0ffee', 'decade'),
      attempts,
      looks: count,
      queries: count,
      answer: fc.constantFrom({}, { ret_code: '0000' }, { ret_code: '0000', ret_msg: '交易成功\n' }),
      reasons: fc.constantFrom([], ['no_refund: text']),
      contradiction: fc.boolean(),
      foreign: fc.boolean(),
      granted: count,
      events: count,
      held_events: count,
      requested_at: time,
      created_at: time,
      updated_at: time,
      quiet_since: time,
    }),
    some({
      request: fc.record({
        oid_partner: fc.constant(id.oid_partner),
        no_refund: fc.constant(id.no_refund),
        fen: fc.nat(),
        kind: fc.constantFrom('domestic', 'exchange'),
        dt_refund: fc.constant('20261121120000'),
        notify_url: fc.constant('https://example.com/n'),
      }),
      second_refundno: fc.constant('2013051613121299'),
      metadata: texts,
      job: fc.constant('7'),
      next_look: time,
      event: fc.record({
        type: fc.constantFrom('refund.succeeded', 'refund.failed', 'refund.rejected', 'refund.corrected'),
        time,
      }),
      claim: fc.record({ token: fc.constant('t'), deadline: time }),
    }),
  )
  .map(([always, sometimes]): RefundRecord => Object.assign(always, sometimes, id, { version: 3, token: 'a-token_1' }))

test('what is stored of a record is read as it was, whatever is left out as usual', () => {
  fc.assert(
    fc.property(records, (record) => {
      const stored = encodeRecord(record, 3, 'a-token_1')
      expect(decodeRecord(id, stored)).toEqual(record)
      expect(stored.split('\n')).toHaveLength(2)
    }),
    { numRuns: 2_000, seed: 11 },
  )
})

test('of a refund that was sent once and paid, only what is its own is stored', () => {
  const [created_at, updated_at] = [1_700_000_000_000, 1_700_000_000_500]
  const sent: Attempt = { number: 1, fate: 'accepted', quarantine: 'full', claimed_at: created_at, denials: 0 }
  const record: RefundRecord = {
    ...id,
    ...NOTHING_LEARNED,
    version: 2,
    state: 'succeeded',
    holds: [],
    content: 'c0ffee',
    attempts: [{ ...sent, quarantined_from: updated_at }],
    events: 1,
    event: { type: 'refund.succeeded', time: updated_at },
    requested_at: 1,
    created_at,
    updated_at,
    quiet_since: created_at,
  }
  const [, data = ''] = encodeRecord(record, 2, 'token').split('\n')
  expect(JSON.parse(data)).toEqual({
    events: 1,
    requested_at: 1,
    created_at,
    updated_at,
    attempts: [{ fate: 'accepted' }],
  })
})

// a change of this text, or of what is read from it, is a new format
test('what is stored of a refund under way is this, to the byte', () => {
  const [created_at, updated_at] = [1_700_000_000_000, 1_700_000_000_500]
  const open: Attempt = { number: 1, fate: 'open', quarantine: 'full', claimed_at: created_at, denials: 0 }
  const record: RefundRecord = {
    ...id,
    ...NOTHING_LEARNED,
    version: 3,
    token: 'token',
    state: 'unknown',
    holds: ['silence', 'contradiction'],
    content: 'c0ffee',
    attempts: [open, { ...open, number: 2, claimed_at: updated_at, ret_code: '9999' }],
    request: { ...id, kind: 'domestic', fen: 20_001, dt_refund: '20231115061320', notify_url: 'https://shop.example/' },
    requested_at: 1,
    looks: 2,
    created_at,
    updated_at,
    quiet_since: updated_at,
  }
  const stored = [
    '1 3 token unknown silence+contradiction 20001 c0ffee\n',
    '{"looks":2,"requested_at":1,"created_at":1700000000000,"updated_at":1700000000500,"quiet_since":1700000000500,',
    '"request":{"fen":20001,"dt_refund":"20231115061320","notify_url":"https://shop.example/"},',
    '"attempts":[{"fate":"open"},{"fate":"open","claimed_at":1700000000500,"ret_code":"9999"}]}',
  ].join('')
  expect(encodeRecord(record, 3, 'token')).toBe(stored)
  expect(decodeRecord(id, stored)).toEqual(record)
})

test('a tombstone, and what is nothing, are no records', () => {
  expect(decodeStored(id, 'tombstone c0ffee')).toEqual({ tombstone: { content: 'c0ffee' } })
  expect(decodeStored(id, null)).toEqual({})
  expect(trailIn(null)).toEqual([])
  expect(() => decodeRecord(id, 'nonsense')).toThrow(TypeError)
  expect(() => decodeRecord(id, '2 1')).toThrow('the record has format 2')
})
