import type { Redis } from 'ioredis'
import { z } from 'zod'
import { type Awaiting, awaiting } from '../support/awaiting.ts'
import { type BenchGateway, startGateway } from '../support/gateway.ts'
import { startNaiveReceiver } from '../support/naive-receiver.ts'
import { startNotifier } from '../support/notifier.ts'
import type { Program } from '../support/program.ts'
import { type Result, result } from '../support/results.ts'
import { openSide, redisCpuMs } from '../support/side.ts'
import type { Stage } from '../support/stage.ts'

/** A program whose main thread is profiled while it works. */
interface Profiled {
  readonly name: string
  readonly program: Program
  readonly redis: Redis
  /** Makes ready so many refunds or notifications; what it returns lets the program work them off. */
  prepare(from: number, count: number): Promise<() => Promise<unknown>>
}

/** Where the CPU goes: a profile of the main thread, and the rest from the process's own count. */
export async function cpuPerPart(stage: Stage): Promise<Result[]> {
  const count = stage.quick ? 2_000 : 10_000
  const gateway = await startGateway(stage)
  const ofWorkers = await told(stage, 'a refund', count, await workers(stage, gateway))
  await gateway.check()
  const ours = await awaiting(stage, await startGateway(stage), ['receive'])
  const ofReceivers = await told(stage, 'a notification', count, await receivers(stage, ours))
  await ours.settled(ROUNDS.length * count)
  return [...ofWorkers, ...ofReceivers]
}

async function workers(stage: Stage, gateway: BenchGateway): Promise<readonly Profiled[]> {
  const opened = async (name: string, kind: 'naive' | 'ours'): Promise<Profiled> => {
    const { workers: started, redis, load, run } = await openSide(stage, { name, kind, gateway })
    const [program] = started
    if (!program) throw new Error(`${name} has no worker`)
    return {
      name,
      program,
      redis,
      async prepare(from, count) {
        await gateway.prepare(from, count)
        await load(from, count)
        return () => run(count)
      },
    }
  }
  return [await opened('naive', 'naive'), await opened('ours', 'ours')]
}

async function receivers(stage: Stage, ours: Awaiting): Promise<readonly Profiled[]> {
  const notifier = await startNotifier(stage)
  const naive = await startNaiveReceiver(stage)
  const sending = (port: number) => async (from: number, count: number) => {
    await notifier.prepare(from, count)
    return () => notifier.send({ port })
  }
  return [
    { name: 'naive receiver', program: naive.program, redis: naive.redis, prepare: sending(naive.port) },
    {
      name: 'our receiver',
      program: ours.program,
      redis: ours.redis,
      async prepare(from, count) {
        await ours.accept(from, count)
        return sending(ours.port)(from, count)
      },
    },
  ]
}

const ROUNDS = ['warm-up', 'counted'] as const

async function told(stage: Stage, of: string, count: number, sides: readonly Profiled[]): Promise<Result[]> {
  const results: Result[] = []
  for (const [index, round] of ROUNDS.entries()) {
    for (const side of sides) {
      const parts = await profiled(side, (index + 1) * count, count)
      if (round === 'warm-up') continue
      stage.say(`  ${side.name}: ${parts.map(([part, ms]) => `${part} ${ms.toFixed(3)} ms`).join(', ')}`)
      const named = ([part, ms]: readonly [string, number]) =>
        result({ name: `cpu-per-part: ${side.name}, ${part}`, values: [ms], unit: 'ms', detail: `of CPU ${of}` })
      results.push(...parts.map(named))
    }
  }
  return results
}

const shares = z.record(z.string(), z.number())

/**
 * The profile tells where the main thread was, by wall clock: its parts are scaled to the CPU that this thread used.
 *
 * @returns ms for each by part, the largest first; the whole of the program and of Redis behind them
 */
async function profiled(
  { program, redis, prepare }: Profiled,
  from: number,
  count: number,
): Promise<(readonly [string, number])[]> {
  const work = await prepare(from, count)
  await program.ask('startProfile', z.null())
  const [before, redisBefore] = [await program.usage(), await redisCpuMs(redis)]
  await work()
  const [after, redisAfter] = [await program.usage(), await redisCpuMs(redis)]
  const found = Object.entries(await program.ask('stopProfile', shares))

  const mainThread = (after.mainThreadMs - before.mainThreadMs) / count
  const whole = (after.cpuMs - before.cpuMs) / count
  const sampled = found.reduce((sum, [, ms]) => sum + ms, 0)
  const parts = found.map(([part, ms]) => [part, (ms / sampled) * mainThread] as const)
  return [
    ...parts.toSorted(([, a], [, b]) => b - a),
    ['other threads', whole - mainThread],
    ['the whole program', whole],
    ['Redis', (redisAfter - redisBefore) / count],
  ]
}
