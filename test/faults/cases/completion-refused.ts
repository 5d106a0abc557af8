import { Redis } from 'ioredis'
import { eventually } from '../../support/eventually.ts'
import { freePort } from '../../support/free-port.ts'
import { singleRedis } from '../case-redis.ts'
import type { FaultCase } from '../fault-case.ts'
import type { Stage } from '../stage.ts'
import { said, tookOver, WITHIN } from '../worker-log.ts'

const COUNT = 10

/** Makes Redis refuse writes in one of its ways, and take them again. */
interface Refusal {
  readonly error: RegExp
  begin(admin: Redis): Promise<unknown>
  end(admin: Redis): Promise<unknown>
}

const NO_REPLICAS: Refusal = {
  error: /NOREPLICAS/,
  begin: (admin) => admin.config('SET', 'min-replicas-to-write', '1'),
  end: (admin) => admin.config('SET', 'min-replicas-to-write', '0'),
}

const READ_ONLY: Refusal = {
  error: /READONLY/,
  // nobody listens there: the data stays as it is
  begin: async (admin) => admin.replicaof('127.0.0.1', await freePort()),
  end: (admin) => admin.replicaof('NO', 'ONE'),
}

/** The ledger has the outcome; BullMQ does not learn of it, and gives the job to another. */
export const completionRefused: FaultCase = {
  number: 9,
  title: 'the completion write gets NOREPLICAS or READONLY',
  async play(open) {
    const redis = await singleRedis()
    const stage = await open({ redis, simulator: { settleMs: 0, scriptFor: () => ({ notify: ['lost'] }) } })
    const admin = new Redis(redis.server.url)
    stage.onEnd(() => admin.disconnect())
    await refuseCompletion(stage, admin, NO_REPLICAS, COUNT)
    await refuseCompletion(stage, admin, READ_ONLY, 2 * COUNT)
  },
}

async function refuseCompletion(stage: Stage, admin: Redis, refusal: Refusal, total: number): Promise<void> {
  const settler = await stage.start({ stopAt: ['after_settled'] })
  await stage.addMany(COUNT, `R${total}-`)
  await settler.reached('after_settled')
  // the events left with the outcomes
  await eventually(() => stage.subscriber.events.size >= total, WITHIN)
  const jobs = await stage.refunds.getJobs(['active'])
  if (jobs.length < COUNT) throw new Error('a job was completed')
  const locks = jobs.map(({ id }) => `${stage.redis.queuePrefix}:refund:${id}:lock`)
  await refusal.begin(admin)
  settler.go('after_settled')
  await said(settler, refusal.error)
  await eventually(async () => (await admin.exists(...locks)) === 0, WITHIN)
  await refusal.end(admin)
  await tookOver(settler)
  await settler.kill()
}
