import { expect, test } from 'vitest'
import type { Ledger } from '../../src/flows/ports.ts'
import { isFinal } from '../../src/refund/record.ts'
import { idOf } from '../ledger/fixture.ts'
import { NUMBER } from '../refund/builders.ts'
import { eventually } from '../support/eventually.ts'
import { type World, world } from './world.ts'

/** Where the connection breaks: before the command reached Redis, or after Redis had done it. */
type Break = 'unsent' | 'unanswered'

interface Case {
  readonly name: string
  /** what the gateway does with the first send */
  readonly first: (at: World) => void
}

const CASES: readonly Case[] = [
  { name: 'a send that is answered', first: () => undefined },
  { name: 'a send whose answer is lost', first: ({ gateway }) => gateway.submitScript.push(gateway.silently) },
  {
    name: 'a send that is lost',
    first: ({ gateway }) =>
      gateway.submitScript.push(() => ({ kind: 'unclear', reason: 'time-out', quarantine: 'full', fields: {} })),
  },
  {
    name: 'a send that never left',
    first: ({ gateway }) =>
      gateway.submitScript.push(() => ({ kind: 'never_left', reason: 'ECONNREFUSED', unreachable: true })),
  },
]

/** More than any of these lives takes. */
const CALLS = 16

test('wherever Redis fails, money moves once, and the refund is settled with one event', {
  timeout: 60_000,
}, async () => {
  const runs = CASES.flatMap(({ name, first }) =>
    Array.from({ length: CALLS }, (_, index) => index + 1).flatMap((nth) =>
      (['unsent', 'unanswered'] as const).map((how) => ({ name, first, nth, how })),
    ),
  )
  const results = await Promise.all(
    runs.map(async ({ name, first, nth, how }) => {
      const at = world({ gatewayTimeoutMs: 1, wrap: (ledger) => failing(ledger, nth, how) })
      first(at)
      await wakeUntilSettled(at)
      const events = (await at.at.events()).map(({ type }) => type)
      const { state } = await at.record()
      return { name, nth, how, state, paid: at.gateway.paymentsOf(NUMBER), events }
    }),
  )
  expect(results).toEqual(
    runs.map(({ name, nth, how }) => ({ name, nth, how, state: 'succeeded', paid: 1, events: ['refund.succeeded'] })),
  )
})

/** A ledger whose nth call fails. */
function failing(ledger: Ledger, nth: number, how: Break): Ledger {
  let calls = 0
  const wrap =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls += 1
      if (calls !== nth) return await call(...args)
      if (how === 'unanswered') await call(...args)
      throw new Error('Connection is closed.')
    }
  return {
    ...ledger,
    read: wrap(ledger.read),
    commit: wrap(ledger.commit),
    admit: wrap(ledger.admit),
    report: wrap(ledger.report),
    confirmed: wrap(ledger.confirmed),
    count: wrap(ledger.count),
  }
}

/** The job comes again after every fault, and the sweeper looks; the gateway settles what it has after a while. */
async function wakeUntilSettled(at: World): Promise<void> {
  let turn = 0
  await eventually(
    async () => {
      turn += 1
      if (turn > 2) at.gateway.status = '2'
      try {
        await (turn % 2 === 1 ? at.submit() : at.look())
      } catch (error) {
        expect(String(error)).toContain('Connection is closed.')
      }
      const { record } = await at.at.ledger.read(idOf(NUMBER))
      return record !== undefined && isFinal(record)
    },
    { timeoutMs: 30_000, intervalMs: 50 },
  )
}
