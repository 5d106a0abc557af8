import { describe, expect, test } from 'vitest'
import { dueAt, wakesThrough } from '../../src/refund/due.ts'
import { FINAL_STATES, OPEN_STATES } from '../../src/refund/record.ts'
import { leadsToSend, nextStep } from '../../src/refund/step.ts'
import {
  blockedUntil,
  CLAIM_MS,
  claimUntil,
  EAGER,
  HOUR,
  job,
  MINUTE,
  operator,
  POLICY,
  queries,
  query,
  submits,
  T0,
} from './builders.ts'
import { cancelled, IN_STATE, processing, type Story, sending, succeeded, unknown, waiting } from './story.ts'

describe('due', () => {
  test.for(OPEN_STATES)('every open refund is due at some time (%s)', (state) => {
    for (const story of [IN_STATE[state](), IN_STATE[state]().sees(operator.hold)]) {
      expect(dueAt(story.record, POLICY)).toBeGreaterThan(T0 - 1)
      expect(dueAt(story.record, POLICY)).toBeLessThanOrEqual(story.now + HOUR)
    }
  })

  test.for(FINAL_STATES)('a settled refund is never due (%s)', (state) => {
    expect(dueAt(IN_STATE[state]().record, POLICY)).toBeUndefined()
    expect(dueAt(cancelled().record, POLICY)).toBeUndefined()
  })

  test('a refund with a job of its own is due a grace after its next look, as that job comes first', () => {
    for (const build of [waiting, sending, unknown]) {
      const { record } = build()
      expect(record.job).toBe('job-1')
      expect(dueAt(record, POLICY)).toBe((record.next_look ?? 0) + POLICY.graceMs)
    }
  })

  test('a refund that only `due` wakes is due without a grace', () => {
    for (const story of [processing(), waiting().sees(operator.hold), unknown().sees(operator.hold)]) {
      expect(dueAt(story.record, POLICY)).toBe(story.record.next_look)
    }
  })
})

describe('a due refund is woken through', () => {
  test.for([
    ['waiting', waiting, 'refund'],
    ['unknown', unknown, 'refund'],
    ['sending', sending, 'refund-query'],
    ['processing', processing, 'refund-query'],
    ['waiting, held', () => waiting().sees(operator.hold), 'refund-query'],
    ['unknown, held', () => unknown().sees(operator.hold), 'refund-query'],
  ] as const)('the right queue: %s', ([, build, queue]) => {
    expect(wakesThrough(build().record)).toBe(queue)
  })
})

describe('the next step', () => {
  const due = (story: Story) => nextStep(story.record, story.record.next_look ?? 0)

  test('is rest before it is due, and for ever when it is settled', () => {
    for (const build of [waiting, sending, unknown, processing]) {
      const { record } = build()
      expect(nextStep(record, (record.next_look ?? 0) - 1)).toBe('rest')
    }
    for (const state of FINAL_STATES) expect(nextStep(IN_STATE[state]().record, T0 + 1e12)).toBe('rest')
  })

  test.for([
    ['send, when it waits', waiting, 'send'],
    ['query, when an attempt may have left', unknown, 'query'],
    ['query, when the gateway has it', processing, 'query'],
    ['look, when its sender was not heard of again', sending, 'look'],
    ['look, when it was never sent and is held', () => waiting().sees(operator.hold), 'look'],
    ['query, when it is held and may have left', () => unknown().sees(operator.hold), 'query'],
    ['query, when it is held and the gateway has it', () => processing().sees(operator.hold), 'query'],
    ['lift, when it waits for balance alone', () => unknown(POLICY, submits.noBalance), 'lift'],
    [
      'query, when it waits for more than balance',
      () => unknown(POLICY, submits.noBalance).sees(operator.hold),
      'query',
    ],
    ['query, when it waits for settings', () => unknown(POLICY, submits.misconfigured), 'query'],
  ] as const)('is %s', ([, build, step]) => {
    expect(due(build())).toBe(step)
  })

  test('after a refused right to send is rest until the time that it names', () => {
    const story = waiting()
    story.commit({ type: 'look', permit: blockedUntil(T0 + MINUTE) })
    expect(nextStep(story.record, T0 + MINUTE - 1)).toBe('rest')
    expect(nextStep(story.record, T0 + MINUTE)).toBe('send')
  })
})

describe('a right to send is asked for only when it would be used', () => {
  const moment = { now: T0 + MINUTE, random: 0.5 }
  const denied = query(queries.denied, T0 + MINUTE)

  test.for([
    ['a first job', undefined, job(), POLICY],
    ['a job after a rejection', cancelled().record, job({ money_refund: '1.00' }), POLICY],
    ['a look at one that waits', waiting().record, { type: 'look' }, POLICY],
    ['a denial that is enough', unknown(EAGER).record, denied, EAGER],
  ] as const)('yes: %s', ([, record, observation, policy]) => {
    expect(leadsToSend(record, observation, policy, moment)).toBe(true)
  })

  test.for([
    ['a job with bad data', undefined, job({ money_refund: '' }), POLICY],
    ['a job above the cap', undefined, job(), { ...POLICY, maxRefundFen: 1 }],
    ['a job of unknown origin', undefined, job({}, { unmatched: {} }), POLICY],
    ['the same job again', waiting().record, job(), POLICY],
    ['a look at one that is held', waiting().sees(operator.hold).record, { type: 'look' }, POLICY],
    ['a look at one that may have left', unknown(EAGER).record, { type: 'look' }, EAGER],
    ['a look at one that waits for balance', unknown(EAGER, submits.noBalance).record, { type: 'look' }, EAGER],
    ['another amount found for one that another sends', sending().record, query(queries.found('1', 1), T0), POLICY],
    ['a look at one that another sends', sending().record, { type: 'look' }, POLICY],
    ['a denial that is not enough', unknown().record, denied, POLICY],
    ['a denial under a hold', unknown(EAGER).sees(operator.hold).record, denied, EAGER],
    [
      'a denial when the attempts are spent',
      unknown({ ...EAGER, maxAttempts: 1 }).record,
      denied,
      { ...EAGER, maxAttempts: 1 },
    ],
    ['a denial of what the gateway has', processing(EAGER).record, denied, EAGER],
    ['an answer that says nothing', unknown(EAGER).record, query(queries.silent, T0 + MINUTE), EAGER],
    ['a look at a settled one', succeeded().record, { type: 'look' }, POLICY],
  ] as const)('no: %s', ([, record, observation, policy]) => {
    expect(leadsToSend(record, observation, policy, moment)).toBe(false)
  })

  test('and the question changes nothing', () => {
    const { record } = sending()
    const asked = { type: 'look', permit: claimUntil(T0 + CLAIM_MS) } as const
    leadsToSend(record, asked, POLICY, moment)
    expect(record).toEqual(sending().record)
  })
})
