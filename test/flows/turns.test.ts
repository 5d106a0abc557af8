import { describe, expect, test } from 'vitest'
import { takeTurns } from '../../src/flows/turns.ts'
import { submits } from '../refund/builders.ts'
import { world } from './world.ts'

/** Begins as many sends of each merchant, by turns, as it may have. */
function fill(hands: number, partners: readonly string[]): Record<string, number> {
  const turns = takeTurns(hands, () => true)
  const begun = Object.fromEntries(partners.map((partner) => [partner, 0]))
  for (let round = 0; round < hands; round++) {
    for (const partner of partners) {
      if (turns.isFull(partner)) continue
      turns.begin(partner)
      begun[partner] = (begun[partner] ?? 0) + 1
    }
  }
  return begun
}

describe('the sends of one process', () => {
  test('leave a fifth of its hands free, if there is one merchant at work', () => {
    expect(fill(50, ['a'])).toEqual({ a: 40 })
    expect(fill(10, ['a'])).toEqual({ a: 8 })
  })

  test('are shared evenly, and some hands are free whoever comes', () => {
    expect(fill(50, ['a', 'b'])).toEqual({ a: 23, b: 22 })
    const begun = Object.values(fill(50, ['a', 'b', 'c', 'd', 'e']))
    expect(Math.max(...begun) - Math.min(...begun)).toBeLessThanOrEqual(1)
    expect(begun.reduce((sum, of) => sum + of, 0)).toBeLessThan(50)
  })

  test('may be begun by the smallest process', () => {
    expect(fill(1, ['a'])).toEqual({ a: 1 })
  })

  test('are not limited where there is no other merchant', () => {
    const turns = takeTurns(2, () => false)
    for (let send = 0; send < 10; send++) turns.begin('a')
    expect(turns.isFull('a')).toBe(false)
  })

  test('end once, however often that is said', () => {
    const turns = takeTurns(2, () => true)
    const [first] = [turns.begin('a'), turns.begin('a')]
    expect(turns.isFull('a')).toBe(true)
    first()
    expect(turns.isFull('a')).toBe(false)
    turns.begin('a')
    first()
    expect(turns.isFull('a')).toBe(true)
  })
})

describe('a turn', () => {
  test('that its merchant cannot have leaves the refund to the ledger, unsent', async () => {
    const at = world()
    const engine = { ...at.engine, turns: { isFull: () => true, begin: () => () => undefined } }
    Object.assign(at.engine, engine)
    expect(await at.submit()).toEqual({ kind: 'done', state: 'waiting' })
    expect(at.gateway.submitCalls).toBe(0)
    expect((await at.record()).job).toBeUndefined()
  })

  test.for([
    ['the gateway has answered', { stopped: false, broken: false }],
    ['nothing may be sent', { stopped: true, broken: false }],
    ['the ledger is away', { stopped: false, broken: true }],
  ] as const)('ends when %s', async ([, { stopped, broken }]) => {
    let commits = 0
    const at = world({
      wrap: (ledger) => ({
        ...ledger,
        commit: async (...change) => {
          commits += 1
          if (broken) throw new Error('Connection is closed.')
          return await ledger.commit(...change)
        },
      }),
    })
    let underWay = 0
    let most = 0
    const begin = () => {
      underWay += 1
      most = Math.max(most, underWay)
      let over = false
      return () => {
        if (!over) underWay -= 1
        over = true
      }
    }
    Object.assign(at.engine, { turns: { isFull: () => false, begin } })
    if (stopped) await at.at.ledger.stop(undefined, { by: 'ops', at: 1, reason: 'test' })
    at.gateway.submitScript.push(() => submits.timeout)
    await at.submit().catch(() => undefined)
    expect(commits).toBeGreaterThan(0)
    expect([most, underWay]).toEqual([1, 0])
  })
})
