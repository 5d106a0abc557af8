import { describe, expect, test } from 'vitest'
import { deniedEnough } from '../../src/refund/quarantine.ts'
import type { Attempt } from '../../src/refund/record.ts'
import { CLAIM_MS, EAGER, HOUR, MINUTE, operator, POLICY, queries, query, SECOND, submits } from './builders.ts'
import { inDoubt, type Story, sending, unknown } from './story.ts'

/** Asked and denied now, with a send at hand: whether that was enough to send again. */
function deniedNow(story: Story, token = 'again'): boolean {
  story.see(query(queries.denied, story.now, story.permit(token)))
  return story.record.state === 'sending'
}

describe('full quarantine', () => {
  test('needs three denials, the last fifteen minutes after the attempt’s outcome', () => {
    const story = unknown()
    expect(deniedNow(story.after(5 * MINUTE))).toBe(false)
    expect(deniedNow(story.after(5 * MINUTE))).toBe(false)
    expect(deniedNow(story.after(5 * MINUTE - 1))).toBe(false)
    expect(deniedNow(story.after(1))).toBe(true)
  })

  test('is not over by age alone', () => {
    const story = unknown().after(HOUR)
    expect(deniedNow(story)).toBe(false)
    expect(deniedNow(story.after(MINUTE))).toBe(false)
    expect(deniedNow(story.after(MINUTE))).toBe(true)
  })

  test('is not over by count alone', () => {
    const story = unknown()
    for (let n = 0; n < 50; n++) expect(deniedNow(story.after(10 * SECOND))).toBe(false)
  })

  test('is measured to the question, not to its answer: a slow denial tells of the moment that it was asked at', () => {
    const story = unknown()
    expect(deniedNow(story.after(5 * MINUTE))).toBe(false)
    expect(deniedNow(story.after(5 * MINUTE))).toBe(false)
    const asked = story.now + MINUTE
    story.after(HOUR).see(query(queries.denied, asked, story.permit('again')))
    expect(story.record).toMatchObject({ state: 'unknown', attempts: [{ denials: 3 }] })
    expect(deniedNow(story.after(1))).toBe(true)
  })

  test('starts when the claim is found to have run out, whatever the clock was that set its deadline', () => {
    const story = sending()
      .after(5 * CLAIM_MS)
      .sees({ type: 'look' })
    for (let n = 0; n < 2; n++) expect(deniedNow(story.after(7 * MINUTE))).toBe(false)
    expect(deniedNow(story.after(MINUTE - 1))).toBe(false)
    expect(deniedNow(story.after(1))).toBe(true)
  })

  test('holds for a refund of unknown origin', () => {
    const story = inDoubt()
    for (let n = 0; n < 3; n++) expect(deniedNow(story.after(4 * MINUTE))).toBe(false)
    expect(deniedNow(story.after(3 * MINUTE))).toBe(true)
  })

  test('of age 0 and count 1 is over with one denied query', () => {
    expect(deniedNow(unknown(EAGER).after(1))).toBe(true)
  })
})

describe('short quarantine', () => {
  test('needs two denials, the last a minute after the attempt’s outcome', () => {
    const story = unknown(POLICY, submits.busy)
    expect(deniedNow(story.after(30 * SECOND))).toBe(false)
    expect(deniedNow(story.after(30 * SECOND - 1))).toBe(false)
    expect(deniedNow(story.after(1))).toBe(true)
  })

  test('needs its count too', () => {
    const story = unknown(POLICY, submits.busy).after(HOUR)
    expect(deniedNow(story)).toBe(false)
    expect(deniedNow(story.after(1))).toBe(true)
  })

  test('is that of its own attempt: an earlier full one still counts in full', () => {
    const story = unknown({ ...POLICY, quarantine: { ...POLICY.quarantine, full: { minAgeMs: HOUR, minCount: 2 } } })
    story.after(HOUR)
    expect(deniedNow(story)).toBe(false)
    expect(deniedNow(story.after(MINUTE))).toBe(true)
    story.answer(submits.busy)
    story.after(MINUTE)
    expect(deniedNow(story)).toBe(false)
    expect(deniedNow(story.after(1))).toBe(true)
  })
})

describe('a denial counts', () => {
  const denials = (story: Story) => story.record.attempts.map((attempt) => attempt.denials)

  test('only if its query was sent after the quarantine began', () => {
    const story = sending()
    const asked = story.now + SECOND
    story.after(10 * SECOND).answer(submits.timeout)
    story.after(SECOND).see(query(queries.denied, asked))
    story.after(SECOND).see(query(queries.denied, (story.record.attempts[0]?.quarantined_from ?? 0) - 1))
    expect(denials(story)).toEqual([0])
    story.after(SECOND).see(query(queries.denied, story.now))
    expect(denials(story)).toEqual([1])
  })

  test('once for two queries that were under way at the same time', () => {
    const story = unknown().after(MINUTE)
    const asked = story.now
    story.after(SECOND).see(query(queries.denied, asked))
    story.after(SECOND).see(query(queries.denied, asked + 500))
    expect(denials(story)).toEqual([1])
    story.after(SECOND).see(query(queries.denied, story.now))
    expect(denials(story)).toEqual([2])
  })

  test('for each attempt that it can speak about, and each must be denied enough', () => {
    const story = unknown(EAGER)
    story.ask(queries.denied, 'second')
    const askedWhileSending = story.now
    story.answer(submits.timeout)
    story.after(SECOND).see(query(queries.denied, askedWhileSending, story.permit('third')))
    expect(story.record.state).toBe('unknown')
    expect(denials(story)[1]).toBe(0)
    expect(deniedNow(story.after(SECOND), 'third')).toBe(true)
    expect(story.record.attempts.map(({ number }) => number)).toEqual([1, 2, 3])
  })

  test('not at all for other answers', () => {
    const story = unknown().after(MINUTE)
    for (const outcome of [queries.silent, queries.stopped]) story.ask(outcome)
    expect(denials(story)).toEqual([0])
  })

  test('from the new attempt’s own quarantine on, in full, after a resend', () => {
    const story = unknown().after(HOUR)
    for (let n = 0; n < 3; n++) deniedNow(story.after(MINUTE))
    expect(story.record.state).toBe('sending')
    story.answer(submits.timeout)
    for (let n = 0; n < 3; n++) expect(deniedNow(story.after(4 * MINUTE), 'third')).toBe(false)
    expect(deniedNow(story.after(4 * MINUTE), 'third')).toBe(true)
  })
})

test('every attempt that may have left must be denied enough, not only the last', () => {
  const story = unknown(EAGER)
  story.ask(queries.denied, 'second')
  story.answer(submits.timeout)
  const often = { denials: 9, last_denial_at: story.now + HOUR }
  const [first, last] = story.record.attempts
  if (!first || !last) throw new Error('two attempts were made')
  const denied = (...attempts: Attempt[]) => deniedEnough({ ...story.record, attempts }, POLICY, story.now + HOUR)
  expect(denied(first, { ...last, ...often })).toBe(false)
  expect(denied({ ...first, ...often }, last)).toBe(false)
  expect(denied({ ...first, ...often }, { ...last, ...often })).toBe(true)
  expect(denied({ ...first, ...often }, { ...last, fate: 'never_left' })).toBe(true)
})

describe('the quarantine is kept', () => {
  test('across hold and release: earlier denials still count, and so does the start', () => {
    const story = unknown()
    deniedNow(story.after(5 * MINUTE))
    deniedNow(story.after(5 * MINUTE))
    story.sees(operator.hold, operator.release)
    expect(story.record.attempts).toMatchObject([{ denials: 2 }])
    expect(deniedNow(story.after(5 * MINUTE))).toBe(true)
  })

  test('while held: denials count, nothing is sent, and the next look after the release must be denied again', () => {
    const story = unknown().sees(operator.hold)
    for (let n = 0; n < 5; n++) expect(deniedNow(story.after(10 * MINUTE))).toBe(false)
    expect(story.record.attempts).toMatchObject([{ number: 1, denials: 5 }])
    story.sees(operator.release)
    expect(story.see({ type: 'look', permit: story.permit('t') }).kind).toBe('keep')
    expect(deniedNow(story.after(SECOND))).toBe(true)
  })

  test('for a needs-operator code: released at once, it is still asked about as the table says', () => {
    const story = unknown(POLICY, submits.misconfigured).sees(operator.release)
    expect(deniedNow(story.after(SECOND))).toBe(false)
    expect(deniedNow(story.after(MINUTE))).toBe(true)
  })
})
