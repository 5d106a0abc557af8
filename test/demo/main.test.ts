import { expect, inject, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { openRedis } from '../support/redis.ts'
import { alive, childrenOf, type DemoRun, runDemo } from './demo.ts'

const LONG = 120_000
/** Redis, the gateway, the workers. */
const ROLES = [
  'redis-server|valkey-server',
  'src/simulator/main',
  'workers/submit',
  'workers/query',
  'workers/publish',
  'workers/receive',
  'workers/admin',
]

async function untilRunning(demo: DemoRun): Promise<Map<number, string>> {
  return await eventually(
    () => {
      expect(demo.err()).toContain('jobs added')
      const children = childrenOf(demo.pid)
      for (const role of ROLES) expect([...children.values()].join('\n')).toMatch(new RegExp(role))
      return children
    },
    { timeoutMs: 60_000, intervalMs: 200 },
  )
}

test('a small run ends well, says so in its last line, and leaves nothing behind', { timeout: LONG }, async () => {
  const demo = runDemo(['--refunds', '25', '--faults', 'some'])
  expect(await demo.exit, demo.err() + demo.out()).toBe(0)
  const last = demo.out().trimEnd().split('\n').at(-1) ?? ''
  const form = /^demo: 25 refunds, (\d+) succeeded, (\d+) failed, (\d+) rejected, (\d+) held, 0 lost, 0 doubled$/
  const [, ...ends] = form.exec(last) ?? []
  expect(ends, last).toHaveLength(4)
  expect(ends.map(Number).reduce((sum, count) => sum + count, 0)).toBe(25)
  // faulty data, and the order's amount asked for once more
  expect(Number(ends[2])).toBeGreaterThanOrEqual(3)
  expect(demo.leftFiles()).toEqual([])
})

test('a given Redis is used under keys of its own, which are gone afterwards', { timeout: LONG }, async () => {
  const redis = openRedis()
  const ours = async () => (await redis.keys('{demo-*')).length
  const before = await ours()
  const demo = runDemo(['--refunds', '10', '--rate', '100', '--faults', 'none'], { REDIS_URL: inject('redisUrl') })
  await eventually(async () => (await ours()) > before, { timeoutMs: 60_000 })
  expect(await demo.exit, demo.err() + demo.out()).toBe(0)
  expect(demo.out()).toContain('demo: 10 refunds')
  expect(await ours()).toBe(before)
})

test('--keep leaves everything running after the summary, until Ctrl-C', { timeout: LONG }, async () => {
  const demo = runDemo(['--refunds', '5', '--faults', 'none', '--keep'])
  const [, url = ''] = await eventually(() => /metrics +(http:\S+)/.exec(demo.err()) ?? false, { timeoutMs: 60_000 })
  expect(demo.out()).toContain('demo: 5 refunds')
  expect((await fetch(url)).status).toBe(200)
  const children = childrenOf(demo.pid)
  demo.kill('SIGINT')
  expect(await demo.exit).toBe(0)
  expect(alive(children.keys())).toEqual([])
  expect(demo.leftFiles()).toEqual([])
})

test('Ctrl-C in the middle ends every process and removes every file', { timeout: LONG }, async () => {
  const demo = runDemo(['--refunds', '5000', '--rate', '20'])
  const children = await untilRunning(demo)
  demo.kill('SIGINT')
  expect(await demo.exit).toBe(130)
  expect(demo.err()).toContain('demo: interrupted')
  expect(alive(children.keys())).toEqual([])
  expect(demo.leftFiles()).toEqual([])
})

test('no process outlives a demo that is killed', { timeout: LONG }, async () => {
  const demo = runDemo(['--refunds', '5000', '--rate', '20'])
  const children = await untilRunning(demo)
  demo.kill('SIGKILL')
  await demo.exit
  await eventually(() => expect(alive(children.keys())).toEqual([]))
  await eventually(() => expect(demo.leftFiles()).toEqual([]))
})

test('--help and wrong options start nothing', async () => {
  const help = runDemo(['--help'])
  const wrong = runDemo(['--refunds', 'none'])
  expect(await help.exit).toBe(0)
  expect(help.out()).toContain('npm run demo')
  expect(await wrong.exit).toBe(2)
  expect(wrong.err()).toBe("demo: --refunds must be a whole number from 1 to 100000, not 'none'\n")
  expect(wrong.out()).toBe('')
})

test('a Redis that is not there is told in one line', async () => {
  const demo = runDemo([], { REDIS_URL: 'redis://user:hidden@127.0.0.1:1' })
  expect(await demo.exit).toBe(1)
  expect(demo.err()).toMatch(/demo: the Redis of REDIS_URL cannot be used: .*ECONNREFUSED/)
  expect(demo.err()).not.toContain('hidden')
  expect(demo.leftFiles()).toEqual([])
})
