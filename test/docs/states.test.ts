import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EAGER, POLICY } from '../refund/builders.ts'
import { lives } from '../refund/random-lives.ts'
import { Story } from '../refund/story.ts'
import { pages } from './states.ts'
import { walk } from './walk.ts'

test('docs/states.md shows the transition table as it is; node test/docs/states.ts --write brings it up to date', {
  timeout: 60_000,
}, () => {
  const { stands, anew } = pages()
  expect(stands).toBe(anew)
})

test('no life of a refund goes a way, or meets a hold, that the page does not show', { timeout: 60_000 }, () => {
  const { ways, holds } = walk()
  const shown = new Set([
    ...ways.map(({ from, to }) => `${from} > ${to}`),
    ...holds.map(({ reason, state, set }) => `${state} ${set ? 'held' : 'freed'}: ${reason}`),
  ])
  const lived = new Set<string>()
  const world = fc.record({ life: lives, policy: fc.constantFrom(POLICY, EAGER, { ...EAGER, maxAttempts: 2 }) })
  for (const { life, policy } of fc.sample(world, { numRuns: 1500, seed: 11 })) {
    const story = new Story(policy)
    for (const { after: later, happening } of life) {
      const { stored: before } = story.after(later)
      story.see(happening(story))
      const { stored: after } = story
      if (!after || after === before) continue
      if (before?.state !== after.state) lived.add(`${before?.state ?? 'none'} > ${after.state}`)
      for (const reason of after.holds) if (!before?.holds.includes(reason)) lived.add(`${after.state} held: ${reason}`)
    }
  }
  expect([...lived].filter((way) => !shown.has(way))).toEqual([])
})
