import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Observation } from '../../src/refund/observation.ts'
import type { Policy } from '../../src/refund/policy.ts'
import { EAGER, POLICY, SECOND } from './builders.ts'
import { type Life, lives } from './observations.ts'
import { broken } from './promises.ts'
import { Story } from './story.ts'

const QUICK: Policy = {
  ...POLICY,
  maxAttempts: 3,
  quarantine: { short: { minAgeMs: SECOND, minCount: 1 }, full: { minAgeMs: 10 * SECOND, minCount: 2 } },
  heldEvents: true,
}
const policies = fc.constantFrom(POLICY, QUICK, EAGER, { ...EAGER, maxAttempts: 1 }, { ...QUICK, maxRefundFen: 20_000 })

interface World {
  readonly life: Life
  readonly policy: Policy
  readonly random: number
}

function describe(observation: Observation): string {
  switch (observation.type) {
    case 'submit':
    case 'query':
      return `${observation.type} ${JSON.stringify(observation.outcome)}`
    case 'notice':
      return `notice ${JSON.stringify(observation.notice)}`
    case 'job':
      return `job ${observation.parsed.content}`
    default:
      return observation.type
  }
}

/** Lives it through, and tells the first promise that broke, with all that was seen before. */
function live({ life, policy, random: chance }: World, told?: Set<string>): string[] {
  const story = new Story(policy)
  story.random = chance
  const history: string[] = []
  for (const { after, happening } of life) {
    story.after(after)
    const before = story.stored
    const observation = happening(story)
    const decision = story.see(observation)
    const faults = broken({ before, observation, decision, policy, now: story.now })
    history.push(`+${after} ${describe(observation)} > ${story.stored?.state ?? 'none'}`)
    if (faults.length > 0) return [...faults, ...history]
    told?.add(`${before?.state ?? 'none'} > ${story.stored?.state ?? 'none'}`)
    for (const hold of story.stored?.holds ?? []) told?.add(hold)
  }
  const versions = story.events.flatMap(({ type, id }) =>
    type === 'refund.held' ? [] : [Number(id.split('/').at(-1))],
  )
  expect(versions).toEqual(versions.map((_, at) => at + 1))
  expect(new Set(story.events.map(({ id }) => id)).size).toBe(story.events.length)
  return []
}

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const worlds = fc.record({ life: lives, policy: policies, random })

test('no order of any observations breaks a promise', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(worlds, (world) => {
      expect(live(world)).toEqual([])
    }),
    { numRuns: 3000 },
  )
})

test('the random lives reach every state and hold, and every way between', () => {
  const told = new Set<string>()
  for (const world of fc.sample(worlds, { numRuns: 2000, seed: 7 })) live(world, told)
  for (const way of [
    'none > waiting',
    'none > sending',
    'none > unknown',
    'none > rejected',
    'waiting > sending',
    'waiting > rejected',
    'sending > waiting',
    'sending > unknown',
    'sending > processing',
    'sending > succeeded',
    'sending > failed',
    'unknown > sending',
    'unknown > processing',
    'unknown > succeeded',
    'unknown > failed',
    'processing > succeeded',
    'processing > failed',
    'rejected > sending',
    'rejected > rejected',
    'succeeded > failed',
    'failed > succeeded',
    'insufficient_balance',
    'configuration',
    'amount_mismatch',
    'contradiction',
    'attempts_spent',
    'silence',
    'cap',
    'operator',
  ]) {
    expect(told, way).toContain(way)
  }
})
