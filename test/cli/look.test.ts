import { expect, test } from 'vitest'
import { accepted, idOf } from '../ledger/fixture.ts'
import { PARTNER } from '../refund/builders.ts'
import { preparedMix } from './mix.ts'
import { json, jsonLines } from './refundctl.ts'

const numbers = (out: string) => jsonLines(out).map(({ no_refund }) => no_refund)

test('list tells every refund, open ones first, with number and sum on stderr', async () => {
  const { ctl } = await preparedMix()
  const { code, out, err } = await ctl('list', '-o', 'jsonl')
  expect(code).toBe(0)
  expect(numbers(out)).toEqual(['waits', 'poor-1', 'poor-2', 'wrong', 'lost', 'taken', 'paid', 'disputed', 'refused'])
  expect(err).toBe('9 refunds, 2,405.56 yuan\n')
})

test('the filters of list reach the ledger', async () => {
  const { ctl } = await preparedMix()
  const chosen = async (...filters: string[]) => {
    const { code, out, err } = await ctl('list', '-o', 'jsonl', ...filters)
    expect(code, err).toBe(0)
    return numbers(out)
  }
  const [held, newest, rich, codes, disputed] = await Promise.all([
    chosen('--state', 'held'),
    chosen('--state', 'open', '--newest', '--limit', '2'),
    chosen('--reason', 'insufficient_balance', '--min', '500', '--partner', PARTNER),
    chosen('--ret-code', '5002,1008', '--max', '200.01'),
    chosen('--contradiction'),
  ])
  expect(held).toEqual(['poor-1', 'poor-2', 'wrong'])
  expect(newest).toEqual(['taken', 'lost'])
  expect(rich).toEqual(['poor-1'])
  expect(codes).toEqual(['wrong', 'refused'])
  expect(disputed).toEqual(['disputed'])
})

test('JSON of a held refund has what the contract names', async () => {
  const { ctl } = await preparedMix()
  const { code, out } = await ctl('get', 'poor-1', '-o', 'json')
  expect(code).toBe(0)
  const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(json(out)).toMatchObject({
    oid_partner: PARTNER,
    no_refund: 'poor-1',
    state: 'unknown',
    holds: ['insufficient_balance'],
    money_refund: '1000.00',
    attempts: 1,
    ret_code: '5006',
    oid_refundno: null,
    due: iso,
    updated_at: iso,
  })
})

test('a final refund holds for nothing and is due never', async () => {
  const { ctl } = await preparedMix()
  const { out } = await ctl('get', 'paid', '-o', 'jsonl')
  expect(json(out)).toMatchObject({ state: 'succeeded', holds: [], due: null, oid_refundno: '2013051613121201' })
})

test('get of several gives an array, and fails for those that are not there', async () => {
  const { ctl } = await preparedMix()
  const { code, out, err } = await ctl('get', 'paid', 'never', 'waits', '-o', 'json')
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject([{ no_refund: 'paid' }, { no_refund: 'waits' }])
  expect(err).toBe('refundctl: never: no such refund\n')
})

test('a table is aligned, and has no colours in a pipe', async () => {
  const { ctl } = await preparedMix()
  const { out } = await ctl('list', '--state', 'held')
  const [head = '', ...rows] = out.trimEnd().split('\n')
  expect(head).toMatch(/^NO_REFUND +STATE +HOLDS +YUAN +SENDS +RET_CODE +AGE +NEXT$/)
  expect(rows).toHaveLength(3)
  const end = head.indexOf('YUAN') + 'YUAN'.length
  expect(rows.map((row) => row.slice(0, end).split(/ +/).at(-1))).toEqual(['1,000.00', '200.50', '200.01'])
  expect(out).not.toContain('\u001b')
})

test('timeline tells what was sent, what came back, and what happens next', async () => {
  const { ctl } = await preparedMix()
  const { code, out } = await ctl('timeline', 'lost', '--utc')
  expect(code).toBe(0)
  expect(out).toMatch(/^Refund lost$/m)
  expect(out).toMatch(/amount +200\.01 yuan/)
  expect(out).toMatch(/once the gateway has denied it 3 times \(0 so far\), .*, it is sent again/)
  expect(out).toMatch(/none -> sending +accepted and claimed; send 1/)
  expect(out).toMatch(/answer to the send +sending -> unknown +.*time-out/)
  expect(out).toMatch(/answer to a query +unknown +.*×3, last at/)
})

test('timeline tells a code with its meaning, the hold, and who ends it', async () => {
  const { ctl } = await preparedMix()
  const { out } = await ctl('timeline', 'poor-1')
  expect(out).toMatch(/ret_code 5006 \(Merchant balance too low\) "余额不足"/)
  expect(out).toMatch(/held for insufficient_balance: .*top it up/)
})

test('timeline tells that sending is stopped', async () => {
  const { at, ctl } = await preparedMix()
  await at.ledger.stop(undefined, { by: 'ann', at: Date.now(), reason: 'incident 12' })
  const { out } = await ctl('timeline', 'lost')
  expect(out).toMatch(/SENDING IS STOPPED for the whole fleet by ann at .*: incident 12; refundctl resume/)
})

test('timeline in JSON has the refund, its sends and its trail', async () => {
  const { ctl } = await preparedMix()
  const { out } = await ctl('timeline', 'disputed', '-o', 'json')
  expect(json(out)).toMatchObject({
    refund: { no_refund: 'disputed', contradiction: true },
    sends: [{ number: 1, fate: 'accepted' }],
    trail: [{ to: 'sending' }, { to: 'succeeded' }, { observation: 'notice', to: 'succeeded' }],
  })
})

test("a second number of the gateway's is in the timeline, in JSON and in exports, beside the first", async () => {
  const { at, ctl } = await preparedMix()
  const fields = { sta_refund: '0', ret_code: '0000', oid_refundno: '2013051613121299' }
  const outcome = { kind: 'found', fen: 20_001, fields } as const
  await at.see({ oid_partner: PARTNER, no_refund: 'paid' }, { type: 'query', askedAt: Date.now(), outcome })
  const both = { oid_refundno: '2013051613121201', second_refundno: '2013051613121299' }
  const { out } = await ctl('timeline', 'paid')
  expect(out).toMatch(/gateway .*oid_refundno 2013051613121201/)
  expect(out).toContain('also told   oid_refundno 2013051613121299: the gateway may hold it twice')
  expect(out).toMatch(/answer to a query +succeeded +stale.*; warning: the gateway has told a second oid_refundno/)
  expect(json((await ctl('get', 'paid', '-o', 'json')).out)).toMatchObject({ state: 'succeeded', ...both })
  const rows = jsonLines((await ctl('export', '--from', '20261101', '--format', 'jsonl')).out)
  expect(rows.filter(({ second_refundno }) => second_refundno !== undefined)).toMatchObject([both])
})

test('what a gateway writes cannot steer the terminal', async () => {
  const { at, ctl } = await preparedMix()
  const { record } = await at.ledger.read({ oid_partner: PARTNER, no_refund: 'lost' })
  await at.see(
    { oid_partner: PARTNER, no_refund: 'lost' },
    {
      type: 'query',
      askedAt: Date.now(),
      outcome: {
        kind: 'found',
        fen: 20_001,
        fields: { sta_refund: '0', ret_code: '0000', ret_msg: '\u001b[2J\u001b]0;x\u0007\n' },
      },
    },
  )
  expect(record?.state).toBe('unknown')
  const { out } = await ctl('timeline', 'lost')
  expect(out).toContain('0000')
  expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})

test('what others write cannot steer the terminal in any form of output, and JSON says the same', async () => {
  const { at, ctl } = await preparedMix()
  const evil = 'a\u001b[2J\u009b31m\u202eb\u2028c\u007f'
  await accepted(at, { no_refund: 'evil', metadata: { [evil]: evil } })
  await at.see(idOf('evil'), { type: 'resolve', by: evil, outcome: 'failed', evidence: evil })
  for (const args of [
    ['timeline', 'evil'],
    ['timeline', 'evil', '-o', 'json'],
    ['get', 'evil', '-o', 'json'],
    ['list', '-o', 'jsonl'],
    ['export', '--from', '2000-01-01', '--format', 'jsonl'],
  ]) {
    const { out } = await ctl(...args)
    expect(out, args.join(' ')).toContain('evil')
    expect(out.replaceAll(/[\r\n]/g, ''), args.join(' ')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u)
  }
  const { out } = await ctl('get', 'evil', '-o', 'json')
  expect(JSON.parse(out)).toMatchObject({ metadata: { [evil]: evil } })
})

test('status tells money by state, what is held, queues, and what nobody looks after', async () => {
  const { at, ctl } = await preparedMix()
  await at.ledger.keepUnmatched({ oid_partner: PARTNER, no_refund: 'unheard' }, { fields: { sta_refund: '2' } })
  const { code, out } = await ctl('status')
  expect(code).toBe(0)
  expect(out).toMatch(/^unknown +4 +1,600\.52$/m)
  expect(out).toMatch(/^of these held +3 +1,400\.51$/m)
  expect(out).toMatch(/^insufficient_balance +2 +1,200\.50$/m)
  expect(out).toContain('1 contradiction of 200.01 yuan')
  expect(out).toContain('1 notification of unknown refunds')
  expect(out).toMatch(/^refund-query +0/m)
  expect(out).toContain('workers: none was heard of')
  const { out: asJson } = await ctl('status', '-o', 'json')
  expect(json(asJson)).toMatchObject({
    held: { count: 3, fen: 140_051 },
    unmatched: 1,
    queues: [{ name: 'refund' }, {}, {}],
  })
})
