import { setTimeout as sleep } from 'node:timers/promises'
import { Queue, QueueEvents } from 'bullmq'
import { Redis } from 'ioredis'
import { startGateway } from '../support/gateway.ts'
import { fleetEnv } from '../support/our-env.ts'
import { roundsOf } from '../support/pairs.ts'
import { jobData } from '../support/refunds.ts'
import { type Result, result } from '../support/results.ts'
import type { Stage } from '../support/stage.ts'

const REFUNDS = 20
const WITHIN_MS = 120_000
const LOOK_MS = 20
const SETTLE_MS = 500

/**
 * A worker dies with requests under way (kill -9): until all of its refunds are looked at by another. None of them is sent
 * again before its fate is known, which the faults suite shows; here it is only the time.
 */
export async function recovery(stage: Stage): Promise<Result[]> {
  const gateway = await startGateway(stage)
  const server = await stage.redis()
  const redis = new Redis(server.url, { maxRetriesPerRequest: null })
  stage.onEnd('connection', () => redis.disconnect())
  const queue = new Queue('refund', { connection: redis })
  stage.onEnd('queue', () => queue.close())
  const events = new QueueEvents('refund', { connection: { url: server.url } })
  stage.onEnd('queue events', () => events.close())
  await events.waitUntilReady()
  const active = new Map<string, number>()
  events.on('active', ({ jobId }) => active.set(jobId, performance.now()))

  const worker = async (name: string) =>
    stage.program({
      program: 'our-worker',
      name,
      args: ['submit', 'query', 'publish'],
      env: fleetEnv(stage, server.url, gateway.urlFor('recovery', 'silent')),
    })

  const values: number[] = []
  for (let round = 0; round < roundsOf(stage); round++) {
    const victim = await worker(`victim-${round}`)
    const sent = await gateway.submitted('recovery')
    const numbers = Array.from({ length: REFUNDS }, (_, index) => round * REFUNDS + index)
    const jobs = await queue.addBulk(numbers.map((index) => ({ name: 'refund', data: jobData(index) })))
    while ((await gateway.submitted('recovery')) < sent + REFUNDS) await sleep(LOOK_MS)
    const other = await worker(`other-${round}`)
    // another point between two renewals of the locks each time
    await sleep(1_000 * round)
    active.clear()
    const killed = performance.now()
    victim.kill()
    const ids = jobs.map(({ id = '' }) => id)
    while (!ids.every((id) => active.has(id))) {
      if (performance.now() - killed > WITHIN_MS) throw new Error(`not taken up within ${WITHIN_MS} ms`)
      await sleep(LOOK_MS)
    }
    values.push((Math.max(...ids.map((id) => active.get(id) ?? 0)) - killed) / 1000)
    stage.say(`  round ${round + 1}  ${values.at(-1)?.toFixed(1)} s`)
    other.kill()
    // what this round leaves open would keep the workers of the next busy
    await sleep(SETTLE_MS)
    await redis.flushall()
  }
  return [
    result({
      name: 'recovery',
      values,
      unit: 's',
      bound: { must: 10, aim: 6, better: 'less' },
      detail: `${REFUNDS} requests under way at kill -9, until the last is looked at by another worker`,
    }),
  ]
}
