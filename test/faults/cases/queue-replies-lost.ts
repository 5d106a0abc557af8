import { PATIENT } from '../dealt.ts'
import { inDoubt } from '../doubts.ts'
import type { FaultCase } from '../fault-case.ts'
import { startLoad } from '../load.ts'
import { type ProxiedRedis, proxiedRedis } from '../proxied-redis.ts'
import type { Stage } from '../stage.ts'

/** The scripts of BullMQ and of the ledger, told by the keys that only they name. */
const isTaking = (request: Buffer) => request.includes(':refund:limiter') && !request.includes(':refund:metrics')
const isCompleting = (request: Buffer) => request.includes(':refund:metrics:completed')
const isClaim = (request: Buffer) => / sending \S+ \d+ [0-9a-f]{32}/.test(request.toString('latin1'))
const isSettling = (request: Buffer) => / succeeded \S+ \d+ [0-9a-f]{32}/.test(request.toString('latin1'))
const isReadingOutbox = (request: Buffer) => request.includes('xreadgroup')

const ROUNDS = 3

export const queueRepliesLost: FaultCase = {
  number: 11,
  title: 'the reply to moveToActive or moveToFinished is lost',
  async play(open) {
    const redis = await proxiedRedis('workers')
    const stage = await open({
      redis,
      simulator: { scriptFor: inDoubt },
      settings: { ...PATIENT, LOCK_DURATION_MS: '1000', STALLED_INTERVAL_MS: '300', SUBMIT_CONCURRENCY: '1' },
    })
    const vain = takenInVain(stage, redis)
    await stage.start()
    await vain
    await stage.start({ settings: { SUBMIT_CONCURRENCY: '20' } })
    const load = startLoad(stage, { hands: 2, restMs: 60 })
    for (const isIt of [isCompleting, isClaim, isSettling, isReadingOutbox, isTaking]) {
      for (let round = 0; round < ROUNDS; round += 1) await redis.loseReplyTo(isIt)
    }
    await load.stop()
  },
}

/** One job that a worker takes again and again, and never learns that it has it: it stalls every time. */
async function takenInVain(stage: Stage, redis: ProxiedRedis): Promise<void> {
  const added = stage.add('FIRST')
  for (let stalled = 0; stalled < ROUNDS; ) {
    await redis.loseReplyTo(isTaking)
    await added
    const [job] = await stage.refunds.getJobs()
    if (!job || (await job.isFailed())) return
    stalled = job.stalledCounter
  }
  if (stage.simulator.requests.length > 0) throw new Error('the worker learned of the job')
}
