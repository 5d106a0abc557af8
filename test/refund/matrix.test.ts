import { describe, expect, test, vi } from 'vitest'
import type { Observation } from '../../src/refund/observation.ts'
import type { QueryOutcome, SubmitOutcome } from '../../src/refund/outcome.ts'
import { HOLD_REASONS, OPEN_STATES, type RefundRecord, STATES } from '../../src/refund/record.ts'
import { matrix, transition } from '../../src/refund/transition.ts'
import { EAGER, POLICY } from './builders.ts'
import { CASES } from './cases.ts'
import { FIRST_JOBS, HAPPENINGS } from './observations.ts'
import { broken } from './promises.ts'
import { IN_STATE, Story, waiting } from './story.ts'

test('the table has every observation beside every state', () => {
  expect(Object.keys(matrix).toSorted()).toEqual([...STATES].toSorted())
  for (const state of STATES) expect(Object.keys(matrix[state]).toSorted()).toEqual(Object.keys(KINDS).toSorted())
})

/** Every kind of everything that can be seen, by the types: a new kind does not compile until it is named here. */
const KINDS: Readonly<Record<Observation['type'], readonly string[]>> = {
  job: ['job'],
  import: ['import'],
  look: ['look', 'look claim', 'look blocked'],
  submit: kindsOf<SubmitOutcome['kind']>({
    accepted: true,
    already_known: true,
    refused: true,
    needs_operator: true,
    unclear: true,
    never_left: true,
  }).map((kind) => `submit ${kind}`),
  query: kindsOf<QueryOutcome['kind']>({ found: true, denied: true, needs_operator: true, inconclusive: true }).flatMap(
    (kind) => [`query ${kind}`, `query ${kind} claim`, `query ${kind} blocked`],
  ),
  notice: ['notice', 'notice in part'],
  hold: ['hold'],
  release: ['release'],
  requery: ['requery'],
  cancel: ['cancel'],
  resolve: ['resolve succeeded', 'resolve failed'],
  replay: ['replay'],
  erase: ['erase'],
}

function kindsOf<T extends string>(kinds: Readonly<Record<T, true>>): string[] {
  return Object.keys(kinds)
}

function kindOf(observation: Observation): string {
  const permit = 'permit' in observation && observation.permit
  const offered = permit ? ` ${Object.keys(permit).join()}` : ''
  switch (observation.type) {
    case 'submit':
    case 'query':
      return `${observation.type} ${observation.outcome.kind}${offered}`
    case 'look':
      return `look${offered}`
    case 'resolve':
      return `resolve ${observation.outcome}`
    case 'notice': {
      const { fen, dt_refund } = observation.notice
      return fen === undefined || dt_refund === undefined ? 'notice in part' : 'notice'
    }
    default:
      return observation.type
  }
}

test('the observations of these tests are of every kind that there is', () => {
  const kinds = new Set(HAPPENINGS.map((happening) => kindOf(happening(waiting()))))
  expect([...kinds].toSorted()).toEqual(Object.values(KINDS).flat().toSorted())
})

test.for(STATES)('the decision about a refund that is %s is the one of its row in the table', (state) => {
  for (const happening of HAPPENINGS) {
    const story = IN_STATE[state]()
    const observation = happening(story)
    const rule = vi.spyOn(matrix[state], observation.type)
    const decision = transition(story.record, observation, POLICY, { now: story.now, random: 0.5 })
    expect(rule).toHaveReturnedWith(decision)
    rule.mockRestore()
  }
})

test('every state of the builders is the state it says', () => {
  for (const state of STATES) expect(IN_STATE[state]().record.state).toBe(state)
})

describe.for([
  ['defaults', POLICY],
  ['one denial is enough', EAGER],
  ['one attempt, held events', { ...EAGER, maxAttempts: 1, heldEvents: true }],
] as const)('with %s', ([, policy]) => {
  test.for(CASES)('every observation of a refund that is %s has a decision that breaks no promise', ([, build]) => {
    const faults: string[] = []
    const kinds = new Set<string>()
    for (const happening of HAPPENINGS) {
      const story = build()
      const observation = happening(story)
      const before = story.record
      const decision = transition(before, observation, policy, { now: story.now, random: 0.5 })
      kinds.add(decision.kind)
      for (const fault of broken({ before, observation, decision, policy, now: story.now })) {
        faults.push(`${fault}: ${JSON.stringify(observation)}`)
      }
    }
    expect(faults).toEqual([])
    expect([...kinds].every((kind) => ['commit', 'keep', 'refuse'].includes(kind))).toBe(true)
  })

  test.for(OPEN_STATES)('no hold at all lets a refund that is %s be claimed', (state) => {
    for (const hold of HOLD_REASONS) {
      for (const happening of HAPPENINGS) {
        const story = IN_STATE[state]()
        const observation = happening(story)
        const before: RefundRecord = { ...story.record, holds: [hold] }
        const decision = transition(before, observation, policy, { now: story.now, random: 0.5 })
        const token = decision.kind === 'commit' ? decision.record.claim?.token : undefined
        expect(token === undefined || token === before.claim?.token).toBe(true)
      }
    }
  })

  test('every observation of a number without a record has a decision', () => {
    for (const happening of [...FIRST_JOBS, ...HAPPENINGS]) {
      const story = new Story(policy)
      const observation = happening(story)
      const decision = story.see(observation)
      expect(broken({ before: undefined, observation, decision, policy, now: story.now })).toEqual([])
      if (observation.type !== 'job' && observation.type !== 'import') expect(decision.kind).not.toBe('commit')
    }
  })
})
