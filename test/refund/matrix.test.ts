import { describe, expect, test } from 'vitest'
import { HOLD_REASONS, OPEN_STATES, type RefundRecord, STATES } from '../../src/refund/record.ts'
import { matrix, transition } from '../../src/refund/transition.ts'
import { EAGER, notice, operator, POLICY } from './builders.ts'
import { FIRST_JOBS, HAPPENINGS } from './observations.ts'
import { broken } from './promises.ts'
import {
  cancelled,
  failed,
  IN_STATE,
  inDoubt,
  processing,
  rejected,
  Story,
  sending,
  succeeded,
  unknown,
  waiting,
} from './story.ts'

const TYPES = ['job', 'look', 'submit', 'query', 'notice', 'hold', 'release', 'requery', 'cancel', 'resolve'] as const

const SPECIAL: Readonly<Record<string, () => Story>> = {
  cancelled,
  'in doubt, attempt 0': () => inDoubt(),
  'held by several': () => unknown().sees(operator.hold, notice('2', { fen: 1 })),
  'sending, held': () => sending().sees(operator.hold),
  'waiting, contradicted': () => waiting().sees(notice('2')),
  'failed, contradicted': () => failed().sees(notice('2')),
  'succeeded, contradicted': () => succeeded().sees(notice('3')),
  'rejected unread, contradicted': () => rejected().sees(notice('2')),
  'silent for long': () => {
    const story = processing().after(30 * 86_400_000)
    return story.sees(operator.requery)
  },
}

const CASES = [...STATES.map((state) => [state, IN_STATE[state]] as const), ...Object.entries(SPECIAL)]

test('the table has every observation beside every state', () => {
  expect(Object.keys(matrix).toSorted()).toEqual([...STATES].toSorted())
  for (const state of STATES) expect(Object.keys(matrix[state]).toSorted()).toEqual(TYPES.toSorted())
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
      if (observation.type !== 'job') expect(decision.kind).not.toBe('commit')
    }
  })
})
