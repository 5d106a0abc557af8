import { describe, expect, test } from 'vitest'
import type { Observation, Permit } from '../../src/refund/observation.ts'
import { nextStep } from '../../src/refund/step.ts'
import { EAGER, MINUTE, operator, queries, SECOND, submits, T0 } from './builders.ts'
import { processing, type Story, sending, succeeded, unknown, waiting } from './story.ts'

/** A backup from before the safe start is restored: what was sent since is not in it. */
const look = (safeStart: number, permit?: Permit): Observation => ({
  type: 'look',
  safeStart,
  ...(permit && { permit }),
})
const later = (story: Story): number => story.now + 1

describe('a record from before a safe start', () => {
  test('that waits is asked about first, for the full quarantine, though it is offered a claim', () => {
    const story = waiting()
    const safeStart = later(story)
    story.after(MINUTE)
    expect(nextStep(story.record, story.now, safeStart)).toBe('look')
    story.see(look(safeStart, story.permit('token-1')))
    expect(story.record).toMatchObject({
      state: 'unknown',
      attempts: [{ number: 0, fate: 'open', quarantine: 'full' }],
    })
    expect(nextStep(story.record, story.now, safeStart)).toBe('query')
    story.ask(queries.denied, 'token-2')
    expect(story.record.state).toBe('unknown')
  })

  test('is sent after enough denials, and is found when it was sent', () => {
    const denied = waiting(EAGER)
    denied.see(look(later(denied)))
    denied.ask(queries.denied, 'token-2')
    expect(denied.record).toMatchObject({ state: 'sending', attempts: [{ number: 0 }, { number: 1 }] })

    const found = waiting(EAGER)
    found.see(look(later(found)))
    found.ask(queries.found('2'))
    expect(found.record.state).toBe('succeeded')
  })

  test('whose sends were denied almost long enough begins its quarantine anew', () => {
    const story = unknown()
    for (let count = 0; count < 3; count++) story.after(MINUTE).ask(queries.denied)
    const safeStart = later(story)
    story.after(20 * MINUTE).see(look(safeStart))
    story.ask(queries.denied, 'token-2')
    expect(story.record).toMatchObject({ state: 'unknown', attempts: [{ number: 1, denials: 1, quarantine: 'full' }] })
  })

  test('whose claim ran out is doubted from now on, not from its deadline', () => {
    const story = sending()
    const safeStart = later(story)
    story.after(5 * MINUTE).see(look(safeStart))
    expect(story.record).toMatchObject({ state: 'unknown', attempts: [{ number: 1, quarantined_from: story.now }] })
  })

  test('stays held when it was held, and is doubted before a release lets it go', () => {
    const story = waiting().sees(operator.hold)
    const safeStart = later(story)
    story.after(60 * MINUTE).commit(operator.release)
    expect(nextStep(story.record, story.now, safeStart)).toBe('look')
    story.see(look(safeStart, story.permit('token-1')))
    expect(story.record.state).toBe('unknown')
  })

  test('keeps the number of an attempt that never left', () => {
    const story = sending()
    story.answer(submits.neverLeft)
    story.after(MINUTE).see(look(story.now, story.permit('token-2')))
    expect(story.record).toMatchObject({
      state: 'unknown',
      attempts: [
        { number: 0, fate: 'open' },
        { number: 1, fate: 'never_left' },
      ],
    })
  })

  test('is doubted once for one safe start, and again for the next', () => {
    const story = waiting(EAGER)
    const first = later(story)
    story.after(SECOND).see(look(first))
    expect(nextStep(story.record, story.now, first)).toBe('query')
    story.after(MINUTE)
    expect(nextStep(story.record, story.now, first + 1)).toBe('look')
  })

  test.for([
    ['accepted after it', () => waiting(), T0],
    ['that the gateway has', () => processing(), T0 + MINUTE],
    ['that is settled', () => succeeded(), T0 + MINUTE],
  ] as const)('is left as it is when it is one %s', ([, build, safeStart]) => {
    const story = build()
    const before = story.record
    story.after(60 * MINUTE)
    expect(nextStep(before, story.now, safeStart)).toBe(nextStep(before, story.now))
    story.see(look(safeStart))
    expect(story.record.attempts).toEqual(before.attempts)
    expect(story.record.state).toBe(before.state)
  })
})

test('a restored refund is not cancelled as never sent before the gateway was asked', () => {
  const story = waiting()
  const safeStart = story.now + MINUTE
  story.after(2 * MINUTE)
  expect(story.see({ ...operator.cancel, safeStart }).kind).toBe('refuse')
  expect(story.see(operator.cancel).kind).toBe('commit')
})

test('a restored attempt of a short quarantine is denied for the full one', () => {
  const story = unknown(undefined, submits.busy)
  story.after(MINUTE).see(look(story.now))
  expect(story.record.attempts).toMatchObject([{ number: 1, quarantine: 'full' }])
})
