import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NO_POLICY } from '../../src/package/no-policy.ts'
import { transition } from '../../src/refund/transition.ts'
import { operator, POLICY } from '../refund/builders.ts'
import { lives } from '../refund/random-lives.ts'
import { Story } from '../refund/story.ts'

test('what a cancellation means for any refund needs nothing of the policy', () => {
  fc.assert(
    fc.property(lives, (life) => {
      const story = new Story({ ...POLICY, heldEvents: true })
      for (const { after, happening } of life) {
        story.after(after)
        story.see(happening(story))
        const moment = { now: story.now, random: 0.5 }
        const told = transition(story.stored, operator.cancel, NO_POLICY, moment)
        expect(told).toEqual(transition(story.stored, operator.cancel, story.policy, moment))
      }
    }),
    { numRuns: 300 },
  )
})

test('whatever needs a policy is not decided without one', () => {
  for (const figure of Object.keys(POLICY)) {
    expect(() => Reflect.get(NO_POLICY, figure)).toThrow("only the workers' settings say this")
  }
})
