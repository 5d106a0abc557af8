import { Redis } from 'ioredis'
import { freePort } from '../../src/embedded/free-port.ts'
import { clone, LEDGER, templateOf } from './clones.ts'
import type { BenchGateway } from './gateway.ts'
import { fleetEnv } from './our-env.ts'
import type { Program } from './program.ts'
import { numberOf } from './refunds.ts'
import { openSide } from './side.ts'
import type { Stage } from './stage.ts'

/** Where accepted refunds await their notification. */
export interface Awaiting {
  readonly port: number
  readonly redis: Redis
  readonly program: Program
  /** Puts accepted refunds into the ledger. */
  accept(from: number, count: number): Promise<void>
  /** @throws Error unless exactly so many have been settled by now */
  settled(count: number): Promise<void>
}

/** A first refund goes through a worker as any other; those that are notified are copies of it. */
export async function awaiting(stage: Stage, gateway: BenchGateway, roles: readonly string[]): Promise<Awaiting> {
  const origin = await openSide(stage, { name: 'accepted', kind: 'ours', gateway, mode: 'accepted' })
  await origin.load(0, 10)
  await origin.run(10)
  const template = await templateOf(origin.redis, numberOf(5))
  await Promise.all(origin.workers.map((worker) => worker.stop()))

  const server = await stage.redis()
  const redis = new Redis(server.url, { maxRetriesPerRequest: null })
  stage.onEnd('connection', () => redis.disconnect())
  const port = await freePort()
  const program = await stage.program({
    program: 'our-worker',
    name: roles.join('-'),
    args: roles,
    env: { ...fleetEnv(stage, server.url, gateway.urlFor('receiver', 'accepted')), RECEIVER_PORT: String(port) },
  })
  return {
    port,
    redis,
    program,
    accept: (from, count) => clone(redis, template, from, count),
    async settled(count) {
      const found = await redis.zcard(`${LEDGER}:state:succeeded`)
      if (found !== count) throw new Error(`${found} refunds are settled, not ${count}`)
    },
  }
}
