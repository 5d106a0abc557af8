import { expect, test } from 'vitest'
import { type Facts, type FinalType, judge, type SeenEvent } from '../../src/demo/judge.ts'

function event(no_refund: string, type: FinalType, more: Partial<SeenEvent> = {}): SeenEvent {
  return { id: `p/${no_refund}/1`, type, no_refund, ...more }
}

/** A run in which all is well: one of each outcome. */
const well: Facts = {
  enqueued: [
    { no_refund: 's', fen: 100 },
    { no_refund: 'f', fen: 200 },
    { no_refund: 'r' },
    { no_refund: 'h', fen: 400 },
  ],
  events: [event('s', 'refund.succeeded', { fen: 100 }), event('f', 'refund.failed'), event('r', 'refund.rejected')],
  held: new Set(['h']),
  movements: [{ no_refund: 's', fen: 100 }],
}

test('a run in which every refund ended in one way, as the book has it, has no fault', () => {
  expect(judge(well)).toEqual({
    enqueued: 4,
    outcomes: {
      succeeded: { count: 1, fen: 100 },
      failed: { count: 1, fen: 200 },
      rejected: { count: 1, fen: 0 },
      held: { count: 1, fen: 400 },
    },
    lost: [],
    doubled: [],
    disagreements: [],
  })
})

test('a refund that is held, and was paid, is no fault: a person will find that out', () => {
  expect(judge({ ...well, movements: [...well.movements, { no_refund: 'h', fen: 400 }] }).disagreements).toEqual([])
})

test('a refund asked for twice counts once', () => {
  const verdict = judge({ ...well, enqueued: [...well.enqueued, { no_refund: 's', fen: 100 }] })
  expect(verdict).toMatchObject({ enqueued: 4, outcomes: { succeeded: { count: 1 } } })
})

const { movements, events, enqueued } = well
const faults: readonly (readonly [string, Partial<Facts>, { lost?: string[]; doubled?: string[] }, string])[] = [
  ['no event, not held', { held: new Set() }, { lost: ['h'] }, 'neither a completion event nor held'],
  ['succeeded, and no money moved', { movements: [] }, { lost: ['s'] }, 'no money moved'],
  ['too little moved', { movements: [{ no_refund: 's', fen: 99 }] }, { lost: ['s'] }, '99 fen moved'],
  ['too much moved', { movements: [{ no_refund: 's', fen: 101 }] }, { doubled: ['s'] }, '101 fen moved'],
  ['money moved twice', { movements: [...movements, ...movements] }, { doubled: ['s'] }, 'moved 2 times, 200 fen'],
  [
    'held, and money moved twice',
    { movements: [...movements, { no_refund: 'h', fen: 400 }, { no_refund: 'h', fen: 400 }] },
    { doubled: ['h'] },
    'moved 2 times',
  ],
  [
    'failed, and money moved',
    { movements: [...movements, { no_refund: 'f', fen: 200 }] },
    { doubled: ['f'] },
    'failed',
  ],
  ['rejected, and money moved', { movements: [...movements, { no_refund: 'r', fen: 1 }] }, { doubled: ['r'] }, 'moved'],
  [
    'two final events',
    { events: [...events, event('s', 'refund.failed', { id: 'p/s/2' })] },
    { doubled: ['s'] },
    '2 completion events: refund.succeeded p/s/1, refund.failed p/s/2',
  ],
  [
    'two ids of one version',
    { events: [...events, event('f', 'refund.failed', { id: 'q/f/1' })] },
    { doubled: ['f'] },
    '2 completion events',
  ],
  [
    'an event with another amount',
    { events: [event('s', 'refund.succeeded', { fen: 10_000 }), ...events.slice(1)] },
    { lost: ['s'] },
    'its event names 10000 fen, 100 were asked for',
  ],
  ['money nobody asked for', { movements: [...movements, { no_refund: 'x', fen: 1 }] }, { doubled: ['x'] }, 'nobody'],
  ['an event nobody asked for', { events: [...events, event('x', 'refund.failed')] }, { doubled: ['x'] }, 'nobody'],
  [
    'an order paid out beyond its amount',
    {
      enqueued: enqueued.map(({ no_refund, fen = 1 }) => ({ no_refund, fen, order: { no_order: 'o', fen: 450 } })),
      movements: [...movements, { no_refund: 'h', fen: 400 }],
    },
    { doubled: ['h'] },
    'o has 450 fen, 500 were paid out',
  ],
]

test.for(faults)('%s: a fault that is counted and told', ([, changed, { lost = [], doubled = [] }, says]) => {
  const verdict = judge({ ...well, ...changed })
  expect(verdict).toMatchObject({ lost, doubled, disagreements: [expect.stringContaining(says)] })
})
