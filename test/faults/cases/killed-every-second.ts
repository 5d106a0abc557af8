import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { pick, randomFor } from '../../../src/simulator/random.ts'
import { eventually } from '../../support/eventually.ts'
import { PATIENT } from '../dealt.ts'
import type { FaultCase } from '../fault-case.ts'
import type { WorkerPlan } from '../plan.ts'
import type { Stage } from '../stage.ts'
import type { WorkerUnderTest } from '../worker-under-test.ts'

const SEED = 27
const REFUNDS = 2000
const ADDED_AT_ONCE = 50
/** A machine that is slow gets less to do. */
const MOST_OPEN = 400
const PATIENCE = { timeoutMs: 240_000, intervalMs: 100 } as const
const FLEET: readonly WorkerPlan['roles'][] = [
  ['submit'],
  ['submit'],
  ['query'],
  ['query'],
  ['publish'],
  ['publish'],
  ['receive'],
]
/** what the drawn faults leave to a person */
const FOR_A_PERSON: ReadonlySet<string | undefined> = new Set(['1004', '1009'])

export const killedEverySecond: FaultCase = {
  number: 27,
  title: 'kill -9 of a random process every second during 2,000 refunds with faults at the gateway',
  async play(open) {
    const forAPerson: string[] = []
    const stage = await open({
      settings: { ...PATIENT, QUERY_DELAYS_MS: '500,1000' },
      simulator: {
        faults: 'many',
        seed: SEED,
        quarantineMs: Number(PATIENT.NOT_FOUND_SHORT_MIN_AGE_MS),
        settleMs: [20, 300],
        keepRequests: 200_000,
        onEvent: (happened) => {
          if (happened.event !== 'submit' || !FOR_A_PERSON.has(happened.ret_code)) return
          if (happened.no_refund !== undefined) forAPerson.push(happened.no_refund)
        },
      },
    })
    const fleet = await startFleet(stage)
    const random = randomFor(SEED, 'kill')
    for (let from = 0; from < REFUNDS; from += ADDED_AT_ONCE) {
      await eventually(() => from - told(stage).size < MOST_OPEN, PATIENCE)
      await stage.addMany(ADDED_AT_ONCE, `K${from / ADDED_AT_ONCE}-`)
      await sleep(1000)
      await fleet.killOne(random)
    }
    await fleet.whole()
    await eventually(() => told(stage).size === REFUNDS, PATIENCE)
    stage.mayBeHeld(...forAPerson)
    await mustBeOneJobAnEvent(stage)
  },
}

const told = ({ subscriber }: Stage) => new Set([...subscriber.events.values()].map(({ subject }) => subject))

interface Fleet {
  /** kill -9 of one that has started; another of its kind is on its way when this resolves. */
  killOne(random: () => number): Promise<void>
  /** Resolves when every process that was to start has started. */
  whole(): Promise<void>
}

async function startFleet(stage: Stage): Promise<Fleet> {
  const ready = new Set<WorkerUnderTest>()
  const starting = new Set<Promise<void>>()
  const start = (roles: WorkerPlan['roles']) => {
    const started = startOne(roles)
    // whoever waits for the whole fleet is told
    started.catch(() => {})
    starting.add(started)
  }
  const startOne = async (roles: WorkerPlan['roles']) => {
    ready.add(await stage.start({ roles }))
  }
  const whole = async () => {
    await Promise.all(starting)
  }
  for (const roles of FLEET) start(roles)
  await whole()
  return {
    whole,
    async killOne(random) {
      const alive = await eventually(() => ready.size > 0 && [...ready], { timeoutMs: 60_000 })
      const victim = pick(alive, random)
      ready.delete(victim)
      await victim.kill()
      start(victim.plan.roles)
    },
  }
}

/** An event under two ids would be two jobs. */
async function mustBeOneJobAnEvent({ connection, redis, subscriber }: Stage): Promise<void> {
  const queue = new Queue('refund-completed', { connection, prefix: redis.queuePrefix })
  queue.on('error', () => {})
  const jobs = await queue.getJobs()
  await queue.close()
  const ids = jobs.map(({ data }) => String(data.id))
  if (ids.length !== new Set(ids).size) throw new Error('an event was published twice')
  if (ids.length < subscriber.events.size) throw new Error('an event is not kept')
}
