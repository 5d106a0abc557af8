import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jobDataOf } from '../../src/queue/wakes.ts'
import { gatewayTime } from '../../src/refund/gateway-time.ts'
import { transition } from '../../src/refund/transition.ts'
import { DATA, DAY, job, PARTNER, POLICY, parse, T0 } from '../refund/builders.ts'
import { rejected } from '../refund/story.ts'

const orderNumber = fc.stringMatching(/^[\x21-\x25\x27-\x3c\x3e-\x7e]{1,32}$/)
const moment = fc.integer({ min: 0, max: T0 }).map(gatewayTime)
const amount = fc
  .tuple(fc.nat({ max: 99_999_999 }), fc.constantFrom('.01', '.1', '.99', '.5'))
  .map((parts) => parts.join(''))
// the one name that a job is refused for
const fieldName = fc.string().filter((name) => name !== '__proto__')

const jobs = fc.record(
  {
    money_refund: amount,
    oid_paybill: orderNumber,
    no_order: orderNumber,
    dt_order: moment,
    dt_refund: moment,
    oid_partner: fc.constant(PARTNER),
    kind: fc.constantFrom('domestic', 'exchange'),
    notify_url: fc.constant('https://merchant.example/other'),
    metadata: fc.dictionary(fieldName, fc.string(), { maxKeys: 5 }),
    schema_version: fc.constantFrom(1, '1'),
  },
  { requiredKeys: ['money_refund', 'no_order'] },
)

test('the job made from any record means the same refund, whenever it is read', () => {
  fc.assert(
    fc.property(jobs, fc.nat({ max: 400 * DAY }), (data, later) => {
      const decision = transition(undefined, job(data), POLICY, { now: T0, random: 0.5 })
      if (decision.kind !== 'commit' || decision.record.state === 'rejected') throw new Error(JSON.stringify(decision))
      const { record } = decision
      const parsed = parse(JSON.parse(JSON.stringify(jobDataOf(record))), T0 + later)
      if (!parsed.ok) throw new Error(parsed.faults.join())
      expect(parsed.content).toBe(record.content)
      expect(parsed.request).toEqual(record.request)
      expect(parsed.metadata).toEqual(record.metadata)
      const again = transition(record, { ...job({}), parsed }, POLICY, { now: T0 + later, random: 0.5 })
      expect(again.kind).toBe('keep')
    }),
    { numRuns: 300 },
  )
})

test('the job made from a record keeps the amount of its order', () => {
  const decision = transition(undefined, job({ order_amount: '500' }), POLICY, { now: T0, random: 0.5 })
  if (decision.kind !== 'commit') throw new Error(decision.kind)
  expect(jobDataOf(decision.record)).toMatchObject({ ...DATA, order_amount: '500.00' })
})

test('there is no job of a record that was never readable', () => {
  expect(() => jobDataOf(rejected().record)).toThrow(TypeError)
})
