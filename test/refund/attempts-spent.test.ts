import { describe, expect, test } from 'vitest'
import { CLAIM_MS, DAY, EAGER, operator, POLICY, queries, submit, submits } from './builders.ts'
import { type Story, unknown } from './story.ts'

describe('spent attempts', () => {
  function spent(offer: boolean): Story {
    const story = unknown({ ...EAGER, maxAttempts: 2 })
    story.ask(queries.denied, 'second')
    story.answer(submits.timeout)
    story.ask(queries.denied, offer ? 'third' : undefined)
    return story
  }

  test('end in a hold, never in failed, and no further send', () => {
    expect(spent(true).record).toMatchObject({ state: 'unknown', holds: ['attempts_spent'], attempts: [{}, {}] })
  })

  test('end in the hold though no right to send is at hand: none is asked for a send that may not be', () => {
    expect(spent(false).record.holds).toEqual(['attempts_spent'])
  })

  test('are still queried, and a fact still settles the refund', () => {
    const story = spent(true)
    expect(story.record.next_look).toBe(story.now + POLICY.holdLookMs)
    story.after(DAY).ask(queries.found('2'))
    expect(story.record.state).toBe('succeeded')
  })

  test('are not those that never left', () => {
    const story = unknown({ ...EAGER, maxAttempts: 2 })
    story.ask(queries.denied, 'second')
    story.answer(submits.neverLeft)
    story.ask(queries.denied, 'third')
    expect(story.record).toMatchObject({ state: 'sending', holds: [] })
  })

  test('are not those that met an empty balance, nor does a release grant more for them', () => {
    const story = unknown({ ...EAGER, maxAttempts: 1 }, submits.noBalance).sees(operator.release)
    story.ask(queries.denied, 'second')
    story.answer(submits.timeout)
    story.ask(queries.denied, 'third')
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['attempts_spent'], attempts: [{}, {}] })
    story.sees(operator.release)
    story.ask(queries.denied, 'third')
    story.answer(submits.timeout)
    story.ask(queries.denied, 'fourth')
    expect(story.record).toMatchObject({ holds: ['attempts_spent'], attempts: [{}, {}, {}] })
  })

  test('are one more after a release, once', () => {
    const story = spent(true).sees(operator.release)
    story.ask(queries.denied, 'third')
    expect(story.record).toMatchObject({ state: 'sending', attempts: [{}, {}, { number: 3 }] })
    story.after(CLAIM_MS).sees({ type: 'look' })
    story.ask(queries.denied, 'fourth')
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['attempts_spent'] })
    story.see(submit(submits.timeout, 'third'))
    expect(story.record.attempts).toHaveLength(3)
  })
})
