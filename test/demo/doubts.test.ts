import { expect, test } from 'vitest'
import { doubtsOf } from '../../src/demo/doubts.ts'

const step = (at: number, observation: string, from: string, to: string, note = '') => ({
  at,
  observation,
  from,
  to,
  note,
})

test('a doubt lasts from the unclear answer to whatever ends it, however many looks lie between', () => {
  const asked = [
    step(0, 'job', 'none', 'sending'),
    step(100, 'submit', 'sending', 'unknown'),
    step(300, 'query', 'unknown', 'unknown'),
    step(700, 'query', 'unknown', 'processing'),
    step(900, 'notice', 'processing', 'succeeded'),
  ]
  expect(doubtsOf([asked])).toEqual({ times: 1, byQuery: 1, byNotice: 0, byDenial: 0, open: 0, waitsMs: [600] })
})

test('a refund may be in doubt twice; being sent again and being told end it in their own ways', () => {
  const sentAgain = [
    step(0, 'submit', 'sending', 'unknown'),
    step(50, 'query', 'unknown', 'sending', 'denied for long enough, sent again'),
    step(60, 'submit', 'sending', 'unknown'),
    step(90, 'notice', 'unknown', 'succeeded'),
  ]
  const refused = [
    step(0, 'submit', 'sending', 'unknown'),
    step(5, 'query', 'unknown', 'failed', 'refused, and denied for long enough'),
  ]
  const held = [step(0, 'submit', 'sending', 'unknown')]
  expect(doubtsOf([sentAgain, refused, held, []])).toEqual({
    times: 4,
    byQuery: 0,
    byNotice: 1,
    byDenial: 2,
    open: 1,
    waitsMs: [50, 30, 5],
  })
})
