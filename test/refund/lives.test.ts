import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Observation } from '../../src/refund/observation.ts'
import type { Policy } from '../../src/refund/policy.ts'
import { isFinal, type RefundRecord } from '../../src/refund/record.ts'
import { DAY, EAGER, POLICY, SECOND } from './builders.ts'
import type { Happening } from './observations.ts'
import { broken } from './promises.ts'
import { jumps, type Life, lives, SILENCE } from './random-lives.ts'
import { Story } from './story.ts'
import { Witness } from './witness.ts'

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

/** What one step of a life was: for those who look on. */
interface Step {
  readonly before: RefundRecord | undefined
  readonly story: Story
  readonly sends: number
}

/** Lives it through, and tells the first promise that broke, with all that was seen before. */
function live({ life, policy, random: chance }: World, watch?: (step: Step) => unknown): string[] {
  const story = new Story(policy)
  const witness = new Witness()
  story.random = chance
  const history: string[] = []
  for (const { after: later, happening } of life) {
    story.after(later)
    const before = story.stored
    const observation = happening(story)
    const decision = story.see(observation)
    const { stored: after, now } = story
    const seen = { before, observation, policy, now }
    const faults = [...broken({ ...seen, decision }), ...witness.sees({ ...seen, after })]
    history.push(`+${later} ${describe(observation)} > ${after?.state ?? 'none'}`)
    if (faults.length > 0) return [...faults, ...history]
    watch?.({ before, story, sends: witness.count })
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
    { numRuns: 4000 },
  )
})

test('the random lives reach every state and hold, and every way between', { timeout: 60_000 }, () => {
  const told = new Set<string>()
  let most = 0
  for (const world of fc.sample(worlds, { numRuns: 3000, seed: 7 })) {
    live(world, ({ before, story: { stored }, sends }) => {
      told.add(`${before?.state ?? 'none'} > ${stored?.state ?? 'none'}`)
      for (const hold of stored?.holds ?? []) told.add(hold)
      most = Math.max(most, sends)
    })
  }
  expect(most).toBeGreaterThan(5)
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

/** What was lived before, then nothing but silence: for a while, and then for years. */
const silences = fc
  .tuple(
    worlds,
    fc.array(fc.record({ after: jumps, happening: fc.constantFrom<Happening>(...SILENCE) }), { minLength: 30 }),
  )
  .map(([world, silence]) => {
    const years = silence.map(({ happening }) => ({ after: 90 * DAY, happening }))
    return { lived: world.life.length, world: { ...world, life: [...world.life, ...silence, ...years] } }
  })

test('time alone settles no refund: years of looks and unanswered queries leave it as it is', {
  timeout: 60_000,
}, () => {
  let open = 0
  fc.assert(
    fc.property(silences, ({ lived, world }) => {
      const states: boolean[] = []
      const faults = live(world, ({ story: { stored } }) => states.push(stored !== undefined && isFinal(stored)))
      expect(faults).toEqual([])
      const since = states.slice(lived - 1)
      expect(new Set(since).size).toBe(1)
      if (since.at(-1) === false) open += 1
    }),
    { numRuns: 300 },
  )
  expect(open).toBeGreaterThan(50)
})
