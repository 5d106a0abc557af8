import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { receiveNotice } from '../../src/flows/notice.ts'
import type { Ledger } from '../../src/flows/ports.ts'
import { idOf } from '../ledger/fixture.ts'
import { NUMBER, notice, queries, submits } from '../refund/builders.ts'
import { type World, world } from './world.ts'

describe('a worker that was frozen between its claim and its request', () => {
  test.for<[string, (clock: World['clock']) => void]>([
    ['stood still for over 3 s', (clock) => Object.assign(clock, { wallMs: 3100, monotonicMs: 3100 })],
    ['stood still while its wall clock did too', (clock) => Object.assign(clock, { monotonicMs: 3100 })],
    ['slept with a monotonic clock that slept as well', (clock) => Object.assign(clock, { wallMs: 3100 })],
    ['had its wall clock set back', (clock) => Object.assign(clock, { wallMs: -3100 })],
  ])('writes nothing when it %s', async ([, freeze]) => {
    const at = world({ wrap: (ledger) => afterCommit(ledger, () => freeze(at.clock)) })
    expect((await at.submit()).kind).toBe('later')
    expect(at.gateway.submitCalls).toBe(1)
    expect(at.gateway.book).toEqual([])
    expect(await at.record()).toMatchObject({ state: 'waiting', attempts: [{ fate: 'never_left' }] })
  })

  test('sends when it was late by less', async () => {
    const at = world({
      wrap: (ledger) => afterCommit(ledger, () => Object.assign(at.clock, { wallMs: 1000, monotonicMs: 1000 })),
    })
    await at.submit()
    expect(at.gateway.book).toHaveLength(1)
  })

  test.for(['read', 'admit'] as const)('counts the time from before it asked for leave by %s', async (asking) => {
    const at = world({
      wrap: (ledger) => ({
        ...ledger,
        async read(id) {
          if (asking === 'read') Object.assign(at.clock, { wallMs: 3100, monotonicMs: 3100 })
          const { open: _open, ...snapshot } = await ledger.read(id)
          return asking === 'read' ? { ...snapshot, open: true } : snapshot
        },
        async admit(...asked) {
          Object.assign(at.clock, { wallMs: 3100, monotonicMs: 3100 })
          return await ledger.admit(...asked)
        },
      }),
    })
    await at.submit()
    expect(at.gateway.book).toEqual([])
  })

  test('writes nothing in a resend either', async () => {
    let freeze = false
    const at = world({
      wrap: (ledger) =>
        afterCommit(ledger, () => {
          if (freeze) at.clock.monotonicMs += 3100
        }),
    })
    at.gateway.submitScript.push(() => submits.timeout)
    await at.submit()
    await at.dueTime()
    freeze = true
    await at.look()
    expect(at.gateway.submitCalls).toBe(2)
    expect(at.gateway.book).toEqual([])
    expect((await at.record()).state).toBe('unknown')
  })
})

describe('an answer that comes after its claim ran out', () => {
  test('counts as a fact when it is a verified 0000', async () => {
    const at = world({ gatewayTimeoutMs: -3000 })
    at.gateway.submitScript.push(async (request, mayWrite) => {
      await givenUp(at)
      return at.gateway.honestly(request, mayWrite)
    })
    at.gateway.status = '2'
    await at.submit()
    expect((await at.record()).state).toBe('succeeded')
    expect(await at.at.events()).toHaveLength(1)
  })

  test.for([
    ['a refusal', submits.refused],
    ['no connection', submits.neverLeft],
    ['a missing balance', submits.noBalance],
  ] as const)('goes to the trail only when it is %s: the fate stays unknown', async ([, outcome]) => {
    const at = world({ gatewayTimeoutMs: -3000 })
    at.gateway.submitScript.push(async () => {
      await givenUp(at)
      return outcome
    })
    await at.submit()
    expect(await at.record()).toMatchObject({ state: 'unknown', holds: [], attempts: [{ number: 1, fate: 'open' }] })
    const trail = (await at.at.ledger.trail(idOf(NUMBER))).map((line) => JSON.parse(line))
    expect(trail.at(-1)).toMatchObject({ observation: 'submit', from: 'unknown', to: 'unknown' })
  })

  test('does not end the send that came after it', async () => {
    const at = world({ gatewayTimeoutMs: -3000 })
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let lookedAgain: Promise<unknown> = Promise.resolve()
    at.gateway.submitScript.push(
      async () => {
        lookedAgain = at.look()
        await second.promise
        return submits.refused
      },
      // under way when the first one's refusal arrives
      async (request, mayWrite) => {
        second.resolve()
        await first.promise
        return at.gateway.honestly(request, mayWrite)
      },
    )
    await at.submit()
    expect(await at.record()).toMatchObject({ state: 'sending', attempts: [{ number: 1 }, { number: 2 }] })
    first.resolve()
    await lookedAgain
    expect((await at.record()).state).toBe('processing')
    expect(at.gateway.paymentsOf(NUMBER)).toBe(1)
  })
})

describe('a notification', () => {
  test('before the answer of the submit settles the refund, once', async () => {
    const at = world()
    at.gateway.submitScript.push(async (request, mayWrite) => {
      expect(await tell(at, '2')).toBe('accepted')
      return at.gateway.honestly(request, mayWrite)
    })
    await at.submit()
    expect(await at.record()).toMatchObject({ state: 'succeeded', settled_by: 'notification' })
    expect(await at.at.events()).toHaveLength(1)
    expect(at.gateway.submitCalls).toBe(1)
  })

  test('during a send that is then lost settles it, and nothing is sent again', async () => {
    const at = world()
    at.gateway.submitScript.push(async (request, mayWrite) => {
      await at.gateway.honestly(request, mayWrite)
      await tell(at, '3')
      return submits.timeout
    })
    await at.submit()
    await at.look()
    expect(await at.record()).toMatchObject({ state: 'failed', settled_by: 'notification' })
    expect(at.gateway.submitCalls).toBe(1)
    expect((await at.at.events()).map(({ type }) => type)).toEqual(['refund.failed'])
  })

  test('of another amount stops the resend that a denial would bring', async () => {
    const at = world()
    at.gateway.submitScript.push(() => submits.timeout)
    await at.submit()
    await at.dueTime()
    at.gateway.queryScript.push(async () => {
      expect(await tell(at, '2', { fen: 1 })).toBe('mismatch')
      return queries.denied
    })
    await at.look()
    expect(await at.record()).toMatchObject({ state: 'unknown', holds: ['amount_mismatch'] })
    expect(at.gateway.submitCalls).toBe(1)
  })

  test('that settles stops the resend that a denial would bring', async () => {
    const at = world()
    at.gateway.submitScript.push(() => submits.timeout)
    await at.submit()
    await at.dueTime()
    at.gateway.queryScript.push(async () => {
      await tell(at, '2')
      return queries.denied
    })
    await at.look()
    expect((await at.record()).state).toBe('succeeded')
    expect(at.gateway.submitCalls).toBe(1)
  })

  test('repeated thirty times at once makes one event', async () => {
    const at = world()
    await at.submit()
    const results = await Promise.all(Array.from({ length: 30 }, () => tell(at, '2')))
    expect(results.filter((result) => result === 'accepted')).toHaveLength(1)
    expect(results.filter((result) => result === 'duplicate')).toHaveLength(29)
    expect(await at.at.events()).toHaveLength(1)
  })

  test('against what is settled is kept for a person, and changes nothing else', async () => {
    const at = world()
    at.gateway.status = '2'
    await at.submit()
    expect(await tell(at, '1')).toBe('late')
    expect(await tell(at, '3')).toBe('mismatch')
    expect(await tell(at, '3')).toBe('duplicate')
    expect(await at.record()).toMatchObject({ state: 'succeeded', contradiction: true })
    expect(await at.at.events()).toHaveLength(1)
  })

  test('without amount or status has the refund asked about at once', async () => {
    const at = world({ policy: { queryDelaysMs: [60_000] } })
    await at.submit()
    await at.look()
    expect(at.gateway.queryCalls).toBe(0)
    expect(await tell(at, '2', { fen: undefined })).toBe('accepted')
    await at.look()
    expect(at.gateway.queryCalls).toBe(1)
  })

  test('of an unknown number is kept, whether or not its job comes at the same moment', async () => {
    for (let round = 0; round < 10; round++) {
      const at = world()
      const [result] = await Promise.all([
        tell(at, '2', { dt_refund: undefined }),
        sleep(round % 3).then(async () => at.submit()),
      ])
      if (result === 'unmatched') {
        expect(await at.record()).toMatchObject({ foreign: true })
        expect(at.gateway.submitCalls).toBe(0)
      } else {
        expect(['accepted', 'mismatch', 'duplicate']).toContain(result)
      }
    }
  })
})

function afterCommit(ledger: Ledger, then: () => void): Ledger {
  return {
    ...ledger,
    commit: async (...change) => {
      const result = await ledger.commit(...change)
      then()
      return result
    },
  }
}

/** Another worker finds the claim expired. */
async function givenUp(at: World): Promise<void> {
  at.gateway.queryScript.push(() => queries.silent)
  expect((await at.look())?.state).toBe('unknown')
}

async function tell(
  at: World,
  sta_refund: string,
  differing: Parameters<typeof notice>[1] = {},
): ReturnType<typeof receiveNotice> {
  const { record } = await at.at.ledger.read(idOf(NUMBER))
  const told = notice(sta_refund, { dt_refund: record?.request?.dt_refund, ...differing })
  return await receiveNotice(at.engine, idOf(NUMBER), told.notice)
}

test('a refund whose record was lost by a failover stays on the queue, and is sent once', async () => {
  let lose = true
  const at = world({
    wrap: (ledger) => ({
      ...ledger,
      // the new master never got the claim
      confirmed: async (id) => {
        if (!lose) return true
        lose = false
        await at.at.redis.del(at.at.keys.record(id))
        return false
      },
    }),
  })
  expect((await at.submit()).kind).toBe('later')
  expect(at.gateway.submitCalls).toBe(0)
  await at.submit()
  expect(at.gateway.paymentsOf(NUMBER)).toBe(1)
})
