import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refundSchema } from '../../src/package/schemas.ts'
import { parse } from '../refund/builders.ts'
import { documents, standing } from './documents.ts'
import { examples } from './examples.ts'
import { validator } from './validator.ts'

const valid = validator(refundSchema)

test('docs/schemas is what the code says (node test/schemas/documents.ts --write)', () => {
  for (const [file, schema] of Object.entries(documents)) expect(standing(file), file).toEqual(schema)
})

test.for(examples('refund'))('$file is a refund for the schema and for the worker', ({ data }) => {
  expect(valid(data), JSON.stringify(valid.errors)).toBe(true)
  expect(parse(data)).toMatchObject({ ok: true })
})

/** Texts about the edges of every rule, and far from them. */
const texts = fc.constantFrom(
  ...[
    ['', ' ', '0', '0.0', '0.00', '0.01', '0.1', '1', '1.', '.5', '01', '1.005', '-1', '1e3', '200.01', '200.01\n'],
    ['99999999.99', '100000000', '100000000.0', '100000000.00', '100000000.01', '999999999.99', '1000000000'],
    ['20260228000000', '20260229000000', '20240229235959', '20000229000000', '19000229000000', '20261301000000'],
    ['20260431000000', '20261231235960', '20261121240000', '00991231000000', '01000101000000', '2026112120000'],
    ['201103171000000000', '20110317100000000', 'x'.repeat(32), 'x'.repeat(33), 'a b', 'a&b', 'a=b', 'ü', '~', '!'],
    [
      'domestic',
      'exchange',
      'foreign',
      'http://a',
      'https://merchant.example/n',
      'ftp://a',
      `https://${'a'.repeat(121)}`,
    ],
    ['https://a b', 'HTTP://a', 'https://', '1', '2', '１'],
  ].flat(),
)
const digits = fc.nat({ max: 99_999_999 }).map((n) => `${n}`)
const dates = fc
  .tuple(fc.nat(10_050), fc.nat(13), fc.nat(32), fc.nat(24), fc.nat(60), fc.nat(60))
  .map(([year, ...rest]) => String(year).padStart(4, '0') + rest.map((part) => String(part).padStart(2, '0')).join(''))
const anything = fc.oneof(texts, digits, dates, fc.string(), fc.constantFrom(null, 1, 2, true, {}, [], ['1']))
const metadata = fc.oneof(fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 }), anything)

const field = (arbitrary: fc.Arbitrary<unknown>, usual: unknown) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 6 }, { arbitrary, weight: 1 })
const jobs = fc
  .record(
    {
      no_refund: field(anything, 'R-1'),
      money_refund: field(anything, '200.01'),
      no_order: field(anything, 'ORDER#7'),
      oid_paybill: field(anything, '2013051613121201'),
      dt_order: field(anything, '20240229235959'),
      oid_partner: field(anything, '201103171000000000'),
      dt_refund: field(dates, '20261121200000'),
      notify_url: field(anything, 'https://merchant.example/n'),
      kind: field(anything, 'exchange'),
      order_amount: field(anything, '300'),
      metadata: field(metadata, { case: 'broken glass' }),
      schema_version: field(anything, '1'),
      money_order: field(fc.constant('1'), undefined),
    },
    { requiredKeys: [] },
  )
  // as it comes out of Redis
  .map((job): unknown => JSON.parse(JSON.stringify(job)))

/** What only the worker's code or settings can say, see `refundJobJsonSchema`. */
const UNSAYABLE = [/^oid_partner: .* is not a configured merchant$/, /^notify_url: expected an http\(s\) URL$/]

test('the schema accepts and refuses what the worker accepts and refuses', () => {
  const agreed = { accepted: 0, refused: 0 }
  fc.assert(
    fc.property(jobs, (job) => {
      const parsed = parse(job)
      const faults = parsed.ok ? [] : parsed.faults
      const sayable = faults.filter((fault) => !UNSAYABLE.some((form) => form.test(fault)))
      if (faults.length > 0 && sayable.length === 0) return
      agreed[parsed.ok ? 'accepted' : 'refused'] += 1
      expect(valid(job), faults.join('; ')).toBe(faults.length === 0)
    }),
    { numRuns: 5_000 },
  )
  expect(agreed.accepted).toBeGreaterThan(200)
  expect(agreed.refused).toBeGreaterThan(2_000)
})

test('every date that the worker knows is one of the schema, and no other', () => {
  const job = (dt_refund: string) => ({ no_refund: '1', money_refund: '1', no_order: '1', dt_refund })
  fc.assert(
    fc.property(dates, (moment) => {
      expect(valid(job(moment))).toBe(parse(job(moment)).ok)
    }),
    { numRuns: 5_000 },
  )
  for (let year = 100; year < 10_000; year += 1) {
    const moment = `${String(year).padStart(4, '0')}0229120000`
    expect(valid(job(moment)), moment).toBe(parse(job(moment)).ok)
  }
})

test.for([
  ['a URL that cannot be parsed', { notify_url: 'https://[' }],
  ['metadata beyond 4 KiB', { metadata: { long: 'x'.repeat(4_100) } }],
] as const)('what the schema cannot say, the worker refuses: %s', ([, more]) => {
  const job = { no_refund: '1', money_refund: '1', no_order: '1', ...more }
  expect(valid(job)).toBe(true)
  expect(parse(job).ok).toBe(false)
})
