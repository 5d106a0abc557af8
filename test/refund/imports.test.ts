import { describe, expect, test } from 'vitest'
import { EAGER, imported, job, OTHER_CONTENT, POLICY, queries, SECOND, submits, T0 } from './builders.ts'
import { IN_STATE, Story, sending, waiting } from './story.ts'

const inFlight = (policy = POLICY, seen = imported()) => {
  const story = new Story(policy)
  story.commit(seen)
  return story
}

describe('a refund that another system has begun', () => {
  test('starts unknown, with a send of unknown origin and no job', () => {
    const { record } = inFlight()
    expect(record).toMatchObject({
      state: 'unknown',
      attempts: [{ number: 0, fate: 'open', quarantine: 'full', quarantined_from: T0 }],
      next_look: T0,
      requested_at: T0,
    })
    expect(record.job).toBeUndefined()
    expect(record.claim).toBeUndefined()
  })

  test('is settled by what a query says', () => {
    const story = inFlight()
    story.ask(queries.found('2'))
    expect(story.record).toMatchObject({ state: 'succeeded', settled_by: 'query' })
    expect(story.events).toMatchObject([{ type: 'refund.succeeded', data: { attempts: 0 } }])
  })

  test('is sent after enough denials, with the dt_refund that was sent before', () => {
    const story = inFlight(EAGER)
    story.ask(queries.denied, 't')
    expect(story.record).toMatchObject({ state: 'sending', request: { dt_refund: '20261121200000' } })
  })

  test('is never sent when it is only to be asked about: a person must look', () => {
    const story = inFlight(EAGER, imported({}, { askOnly: true }))
    story.ask(queries.denied, 't')
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['contradiction'] })
    story.answer(submits.accepted('2'))
    expect(story.record.attempts).toHaveLength(1)
  })

  test('is not rejected for its order, since that would say that it was not sent', () => {
    const story = inFlight(POLICY, imported({}, { breaches: ['over_refund'] }))
    expect(story.record).toMatchObject({ state: 'unknown', holds: ['contradiction'] })
    expect(story.events).toEqual([])
  })

  test('says in its history who brought it in, and why', () => {
    expect(new Story().commit(imported()).trail).toMatchObject({
      observation: 'import',
      by: 'ann',
      note: 'accepted; asked first, since another system has begun it: ticket 7',
    })
  })
})

describe('a number that the ledger has', () => {
  test('and that waits is asked about before it is sent', () => {
    const story = waiting(POLICY, job({ dt_refund: '20261121200000' }))
    story.after(SECOND).commit(imported())
    expect(story.record).toMatchObject({ state: 'unknown', attempts: [{ number: 0, fate: 'open' }] })
    expect(story.record.job).toBeUndefined()
  })

  test('and that waits with another dt_refund is refused: one of the two would be wrong', () => {
    const story = waiting(POLICY, job({ dt_refund: '20261121190000' }))
    expect(story.after(SECOND).see(imported()).kind).toBe('refuse')
    expect(story.record.state).toBe('waiting')
  })

  test.for(['sending', 'unknown', 'processing', 'succeeded', 'failed'] as const)('and that is %s stays so', (state) => {
    const story = IN_STATE[state]()
    const { version } = story.record
    expect(story.after(SECOND).see(imported()).kind).toBe('keep')
    expect(story.record.version).toBe(version)
  })

  test('with other content is refused', () => {
    expect(sending().see(imported(OTHER_CONTENT))).toMatchObject({
      kind: 'refuse',
      faults: [expect.stringContaining('no_refund_conflict')],
    })
  })

  test('and that was settled long ago is left alone, or refused', () => {
    const { content } = imported().parsed
    expect(new Story().see(imported({}, { tombstone: { content } })).kind).toBe('keep')
    expect(new Story().see(imported({}, { tombstone: { content: 'another' } })).kind).toBe('refuse')
  })
})
