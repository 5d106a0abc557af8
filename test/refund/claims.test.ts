import { describe, expect, test } from 'vitest'
import { HOLD_REASONS } from '../../src/refund/record.ts'
import { transition } from '../../src/refund/transition.ts'
import {
  blockedUntil,
  CLAIM_MS,
  claimUntil,
  EAGER,
  MINUTE,
  operator,
  POLICY,
  queries,
  query,
  SECOND,
  submit,
  submits,
  T0,
} from './builders.ts'
import { processing, sending, unknown, waiting } from './story.ts'

describe('a claim', () => {
  test('makes a waiting refund sending, under its token and deadline, before anything leaves', () => {
    const story = waiting().after(SECOND)
    story.commit({ type: 'look', permit: story.permit('mine') })
    expect(story.record).toMatchObject({
      state: 'sending',
      claim: { token: 'mine', deadline: story.now + CLAIM_MS },
      attempts: [{ number: 1, fate: 'open', claimed_at: story.now }],
      quiet_since: story.now,
    })
  })

  test('is not taken by a look that offers none', () => {
    expect(waiting().see({ type: 'look' }).kind).toBe('keep')
  })

  test('waits until the time that a refused send names', () => {
    const story = waiting()
    story.commit({ type: 'look', permit: blockedUntil(T0 + MINUTE) })
    expect(story.record).toMatchObject({ state: 'waiting', attempts: [], next_look: T0 + MINUTE })
  })

  test.for(HOLD_REASONS)('is not taken under the hold %s', (hold) => {
    const held = { ...waiting().record, holds: [hold] }
    const moment = { now: T0, random: 0.5 }
    const decision = transition(held, { type: 'look', permit: claimUntil(T0 + CLAIM_MS) }, POLICY, moment)
    expect(decision).toMatchObject({ kind: 'commit', record: { state: 'waiting', holds: [hold], attempts: [] } })
  })

  test.for(HOLD_REASONS)('does not follow enough denials under the hold %s', (hold) => {
    const held = { ...unknown(EAGER).record, holds: [hold] }
    const now = T0 + MINUTE
    const denied = query(queries.denied, now - SECOND, claimUntil(now + CLAIM_MS))
    expect(transition(held, denied, EAGER, { now, random: 0.5 })).toMatchObject({
      kind: 'commit',
      record: { state: 'unknown', attempts: [{ number: 1 }] },
    })
  })

  test.for([unknown, processing])('is not taken by a mere look at a refund that may have left', (build) => {
    const story = build(EAGER)
    expect(story.after(MINUTE).see({ type: 'look', permit: story.permit('t') }).kind).toBe('keep')
  })
})

describe('a look at a refund that is being sent', () => {
  test('leaves it alone before its deadline: the holder is alive', () => {
    const story = sending()
    expect(story.after(CLAIM_MS - 1).see({ type: 'look', permit: claimUntil(T0 + MINUTE, 'thief') }).kind).toBe('keep')
    expect(story.record.claim?.token).toBe('token-1')
  })

  test('makes it unknown past its deadline: the attempt is open, quarantined from now on', () => {
    const story = sending().after(CLAIM_MS + MINUTE)
    story.commit({ type: 'look', permit: claimUntil(story.now + CLAIM_MS, 'thief') })
    expect(story.record).toMatchObject({
      state: 'unknown',
      attempts: [{ number: 1, fate: 'open', quarantine: 'full', quarantined_from: story.now }],
    })
    expect(story.record.claim).toBeUndefined()
    expect(story.record.next_look).toBeLessThanOrEqual(story.now)
  })
})

describe('a submit outcome without its claim', () => {
  test.for([
    submits.timeout,
    submits.neverLeft,
    submits.refused,
    submits.refusedUnsure,
    submits.alreadyKnown,
    submits.noBalance,
  ])('goes to the trail only ($kind)', (outcome) => {
    const story = sending().after(CLAIM_MS).sees({ type: 'look' })
    const { updated_at: _at, version: _version, ...before } = story.record
    const { trail } = story.after(SECOND).commit(submit(outcome))
    expect(story.record).toMatchObject(before)
    expect(trail).toMatchObject({ observation: 'submit', from: 'unknown', to: 'unknown' })
  })

  test('of another token changes nothing while another holder sends', () => {
    const story = sending()
    story.after(SECOND).see(submit(submits.neverLeft, 'older'))
    expect(story.record).toMatchObject({ state: 'sending', claim: { token: 'token-1' } })
  })

  test.for([
    ['2', 'succeeded'],
    ['3', 'failed'],
    ['0', 'processing'],
  ] as const)('counts as a fact when it is a verified 0000 (sta_refund %s: %s)', ([status, state]) => {
    const story = sending()
      .after(CLAIM_MS)
      .sees({ type: 'look' }, submit(submits.accepted(status), 'token-1'))
    expect(story.record.state).toBe(state)
  })

  test('of a settled refund does not change it', () => {
    const story = processing().sees({ ...operator.resolve('failed') })
    expect(story.see(submit(submits.accepted('3'), 'token-1')).kind).toBe('keep')
    expect(story.record.state).toBe('failed')
  })
})

describe('a request that never left', () => {
  test('is no attempt: the refund waits again, after the backoff', () => {
    const story = sending()
    story.answer(submits.neverLeft)
    expect(story.record).toMatchObject({ state: 'waiting', attempts: [{ number: 1, fate: 'never_left' }] })
    expect(story.record.next_look).toBeGreaterThan(story.now)
    expect(story.record.claim).toBeUndefined()
  })

  test('leaves the refund unknown when an earlier attempt may have left', () => {
    const story = unknown(EAGER)
    story.ask(queries.denied, 'second')
    story.answer(submits.neverLeft)
    expect(story.record.state).toBe('unknown')
  })

  test('is not counted, however often it happens', () => {
    const story = waiting({ ...POLICY, maxAttempts: 2 })
    for (let n = 0; n < 20; n++) {
      story.after(MINUTE).commit({ type: 'look', permit: story.permit(`t${n}`) })
      expect(story.record.state).toBe('sending')
      story.answer(submits.neverLeft)
    }
    expect(story.record).toMatchObject({ state: 'waiting', holds: [] })
    expect(story.record.attempts.length).toBeLessThan(3)
    story.commit({ type: 'look', permit: story.permit('last') })
    expect(story.record.attempts.at(-1)?.number).toBe(21)
  })
})
