import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { openRedis } from '../support/redis.ts'
import { type PowerCutRedis, startPowerCutRedis } from './power-cut.ts'
import { needStrace } from './strace.ts'
import { syncedLengths } from './synced-lengths.ts'

// What is synced can be watched on Linux only, and by whoever has strace or may install it.
const missing = await needStrace(process.env, (line) => process.stderr.write(`${line}\n`)).then(
  () => undefined,
  (error: unknown) => ` (${String(error)})`,
)

async function start(appendfsync: string): Promise<PowerCutRedis> {
  const redis = await startPowerCutRedis({ settings: { appendfsync } })
  cleanUp(redis.stop)
  return redis
}

/** Writes as fast as it is acknowledged, and counts what was acknowledged and is not there after the power cut. */
async function lostInPowerCut(redis: PowerCutRedis, name: string): Promise<{ acknowledged: number; lost: number }> {
  const writers = Array.from({ length: 8 }, () =>
    openRedis(redis.url, { retryStrategy: null, maxRetriesPerRequest: 0 }),
  )
  const acknowledged: string[] = []
  const working = writers.map(async (writer, index) => {
    try {
      for (let count = 0; ; count += 1) {
        const key = `${name}-${index}-${count}`
        await writer.set(key, key)
        acknowledged.push(key)
      }
    } catch {
      // the power went
    }
  })
  await sleep(1600)
  await redis.cutPower()
  await Promise.all(working)
  await redis.restart()
  const reader = openRedis(redis.url)
  const found = await Promise.all(acknowledged.map((key) => reader.exists(key)))
  return { acknowledged: acknowledged.length, lost: found.filter((count) => count === 0).length }
}

describe.skipIf(missing !== undefined)(`a power cut under load${missing ?? ''}`, () => {
  test('loses acknowledged writes with appendfsync everysec, and none with always, again and again', async () => {
    const [always, everysec] = [await start('always'), await start('everysec')]
    let lost = 0
    for (const round of ['first', 'second']) {
      const safe = await lostInPowerCut(always, round)
      expect(safe.acknowledged).toBeGreaterThan(100)
      expect(safe.lost).toBe(0)
      const unsafe = await lostInPowerCut(everysec, round)
      lost += unsafe.lost
      expect(unsafe.lost).toBeLessThan(unsafe.acknowledged)
    }
    expect(lost).toBeGreaterThan(0)
  })

  test('leaves alone what was synced long ago, a rewritten file included', async () => {
    const redis = await start('everysec')
    const client = openRedis(redis.url)
    await client.set('old', '1')
    await client.bgrewriteaof()
    await sleep(2500)
    await client.set('new', '1')
    const { lostBytes } = await redis.cutPower()
    await redis.restart()
    expect(await client.get('old')).toBe('1')
    expect(await client.get('new')).toBe(lostBytes > 0 ? null : '1')
  })
})

describe('what a sync covers', () => {
  const file = '7</d/a.aof>'
  const length = (lines: readonly string[], before = new Map<string, number>()) =>
    syncedLengths(lines.join('\n'), before).get('a.aof') ?? 0

  test('is what was written before it began, once it has ended', () => {
    const lines = [
      `1 write(${file}, ""..., 10) = 10`,
      `2 fdatasync(${file} <unfinished ...>`,
      `1 write(${file}, ""..., 5) = 5`,
    ]
    expect(length(lines)).toBe(0)
    expect(length([...lines, '2 <... fdatasync resumed>)          = 0'])).toBe(10)
    expect(length([...lines, '2 <... fdatasync resumed>)          = -1 EIO (Input/output error)'])).toBe(0)
    expect(length([...lines, `1 fsync(${file}) = 0`])).toBe(15)
  })

  test('is what a write really wrote, one that was interrupted by another thread included', () => {
    expect(length([`1 write(${file}, ""..., 10) = 4`, `1 fsync(${file}) = 0`])).toBe(4)
    const lines = [`1 write(${file}, ""..., 10 <unfinished ...>`, '2 <... fdatasync resumed>) = 0']
    expect(length([...lines, '1 <... write resumed>) = 10', `1 fsync(${file}) = 0`])).toBe(10)
    expect(length([...lines, '1 +++ killed by SIGKILL +++'])).toBe(0)
  })

  test('follows a file through rename and truncation, from the length that it had', () => {
    const before = new Map([['a.aof', 100]])
    expect(length([], before)).toBe(100)
    expect(length(['1 truncate("appendonlydir/a.aof", 60) = 0', `1 write(${file}, ""..., 5) = 5`], before)).toBe(60)
    const lines = ['1 write(8</d/t>, ""..., 9) = 9', '1 fsync(8</d/t>) = 0', '1 rename("d/t", "d/a.aof") = 0']
    expect(length(lines, before)).toBe(9)
  })
})
