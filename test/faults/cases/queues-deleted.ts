import type { Cluster, Redis } from 'ioredis'
import { eventually } from '../../support/eventually.ts'
import { PATIENT } from '../dealt.ts'
import { inDoubt } from '../doubts.ts'
import type { FaultCase } from '../fault-case.ts'
import { startLoad } from '../load.ts'

/**
 * Deletes every key of every queue at once, unless an event waits for its subscriber: what was published is the
 * subscriber's. Returns how many refunds stood in the queue and were not begun, or -1 when nothing was deleted.
 */
const DELETE_ALL = `
  local prefix = ARGV[1]
  for _, set in ipairs({ 'wait', 'active' }) do
    if redis.call('LLEN', prefix .. ':refund-completed:' .. set) > 0 then return -1 end
  end
  if redis.call('ZCARD', prefix .. ':refund-completed:delayed') > 0 then return -1 end
  local waiting = redis.call('LLEN', prefix .. ':refund:wait')
  for _, key in ipairs(redis.call('KEYS', prefix .. ':*')) do redis.call('DEL', key) end
  return waiting`

const UNDER_WAY = 20

export const queuesDeleted: FaultCase = {
  number: 20,
  title: 'all BullMQ keys deleted',
  async play(open) {
    const stage = await open({
      simulator: { scriptFor: inDoubt, latencyMs: [0, 300], settleMs: [500, 1500] },
      settings: PATIENT,
    })
    await stage.start()
    const load = startLoad(stage, { hands: 8, restMs: 10, mostOpen: 300 })
    const sent = () => new Set(stage.simulator.requests.map(({ fields }) => fields.no_refund))
    const underWay = () => {
      const told = new Set([...stage.subscriber.events.values()].map(({ subject }) => subject))
      return [...sent()].filter((no_refund) => no_refund !== undefined && !told.has(no_refund))
    }
    for (const enough of [60, 140]) {
      await eventually(() => load.acknowledged() >= enough, { timeoutMs: 120_000 })
      await eventually(
        async () => underWay().length >= UNDER_WAY && (await deleteAll(stage.connection, stage.redis.queuePrefix)) > 0,
        { intervalMs: 2, timeoutMs: 120_000 },
      )
    }
    const numbers = await load.stop()
    // what a request was made for stands in the ledger and comes back by itself; of the rest the producer cannot know
    const begun = sent()
    await Promise.all(numbers.filter((no_refund) => !begun.has(no_refund)).map((no_refund) => stage.add(no_refund)))
  },
}

async function deleteAll(redis: Redis | Cluster, prefix: string): Promise<number> {
  return Number(await redis.eval(DELETE_ALL, 1, `${prefix}:refund:wait`, prefix))
}
