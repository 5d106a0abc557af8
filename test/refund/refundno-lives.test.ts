import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Observation } from '../../src/refund/observation.ts'
import type { GatewayFields } from '../../src/refund/outcome.ts'
import type { RefundRecord } from '../../src/refund/record.ts'
import { EAGER, POLICY } from './builders.ts'
import { lives } from './random-lives.ts'
import { Story } from './story.ts'

/** The same observation with another number of the gateway's in it, or with none. */
function numbered(observation: Observation, oid_refundno: string | undefined): Observation {
  const change = ({ oid_refundno: _own, ...fields }: GatewayFields): GatewayFields => ({
    ...fields,
    ...(oid_refundno !== undefined && { oid_refundno }),
  })
  switch (observation.type) {
    case 'notice':
      return { ...observation, notice: { ...observation.notice, fields: change(observation.notice.fields) } }
    case 'submit': {
      const { outcome } = observation
      return 'fields' in outcome
        ? { ...observation, outcome: { ...outcome, fields: change(outcome.fields) } }
        : observation
    }
    case 'query':
      return { ...observation, outcome: { ...observation.outcome, fields: change(observation.outcome.fields) } }
    default:
      return observation
  }
}

/** All that is decided: whatever a refund has but what the gateway told, and how often the record was written. */
function decided(record: RefundRecord | undefined): object | undefined {
  if (!record) return undefined
  const { answer: _told, second_refundno: _other, repeated: _line, version: _writes, updated_at: _at, ...rest } = record
  return rest
}

/** The one case in which a number matters: it was told while a request was under way that never left. */
const somebodyElseSent = ({ record: { state, answer } }: Story): boolean =>
  state === 'waiting' && 'oid_refundno' in answer

const number = fc.constantFrom(undefined, 'A', 'B', 'C')
const policies = fc.constantFrom(POLICY, EAGER, { ...EAGER, heldEvents: true })

test("in no order of any observations do the gateway's numbers decide anything, and each refund is warned of once at most", {
  timeout: 60_000,
}, () => {
  let warned = 0
  fc.assert(
    fc.property(lives, policies, fc.infiniteStream(number), (life, policy, numbers) => {
      const [plain, story] = [new Story(policy), new Story(policy)]
      let warnings = 0
      for (const { after, happening } of life) {
        plain.after(after)
        const observation = happening(plain)
        // what happens may take its time
        story.now = plain.now
        plain.see(numbered(observation, undefined))
        const decision = story.see(numbered(observation, numbers.next().value))
        if (story.stored && somebodyElseSent(story)) return
        expect(decided(story.stored)).toEqual(decided(plain.stored))
        if (decision.kind === 'commit' && decision.trail.warnings?.includes('second_refundno')) {
          expect(story.record.second_refundno).toBeDefined()
          expect(story.record.second_refundno).not.toBe(story.record.answer.oid_refundno)
          warnings += 1
        }
      }
      expect(warnings).toBeLessThanOrEqual(1)
      expect(warnings === 1).toBe(story.stored?.second_refundno !== undefined)
      expect(story.events.map(({ id, type }) => [id, type])).toEqual(plain.events.map(({ id, type }) => [id, type]))
      warned += warnings
    }),
    { numRuns: 2000 },
  )
  expect(warned).toBeGreaterThan(50)
})
