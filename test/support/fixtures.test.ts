import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { cleanUp } from './clean-up.ts'
import { eventually } from './eventually.ts'
import { ownRedis } from './own-redis.ts'
import { openRedis, testNamespace } from './redis.ts'

describe('a namespace', () => {
  const seen: string[] = []

  test.for(['one', 'another'])('is for one test alone (%s)', async (name) => {
    const { queuePrefix, ledgerPrefix } = testNamespace()
    expect(new Set([...seen, queuePrefix, ledgerPrefix]).size).toBe(seen.length + 2)
    seen.push(queuePrefix, ledgerPrefix)
    const redis = openRedis()
    await redis.set(`${queuePrefix}:${name}`, '1')
    await redis.set(`${ledgerPrefix}:${name}`, '1')
  })

  afterAll(async () => {
    const redis = new Redis(inject('redisUrl'))
    const left = await Promise.all(seen.map(async (prefix) => await redis.keys(`${prefix}*`)))
    redis.disconnect()
    expect(seen).toHaveLength(4)
    expect(left.flat()).toEqual([])
  })
})

test('the run has the Redis settings that production demands', async () => {
  const redis = openRedis()
  expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes'])
  expect(await redis.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always'])
  expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
})

describe('clean-up', () => {
  const order: string[] = []

  test('waits for the end of the test', () => {
    cleanUp(() => order.push('first'))
    cleanUp(async () => {
      await sleep(10)
      order.push('second')
    })
    expect(order).toEqual([])
  })

  test('runs last in, first out', () => {
    expect(order).toEqual(['second', 'first'])
  })
})

describe('eventually', () => {
  test('returns what the check returned once it holds', async () => {
    let looks = 0
    const check = (): number | false => {
      looks += 1
      if (looks === 1) throw new Error('not yet')
      return looks > 2 && looks
    }
    expect(await eventually(check, { intervalMs: 1 })).toBe(3)
  })

  test('fails at the deadline with the last reason', async () => {
    const check = (): void => expect(1).toBe(2)
    await expect(eventually(check, { timeoutMs: 50 })).rejects.toThrow(/still not so after 50 ms and \d+ looks: .*1/)
  })

  test('fails at the deadline though the check hangs', async () => {
    const check = async (): Promise<void> => await new Promise(() => {})
    await expect(eventually(check, { timeoutMs: 50 })).rejects.toThrow('the check did not return')
  })
})

describe('an own Redis', () => {
  test('keeps its data and address through kill -9 and restart', async () => {
    const own = await ownRedis()
    const redis = openRedis(own.url)
    await redis.set('kept', 'yes')
    const before = own.pid()
    await own.kill()
    await own.restart()
    expect(own.pid()).not.toBe(before)
    expect(await redis.get('kept')).toBe('yes')
  })

  test('can be frozen and thawed', async () => {
    const own = await ownRedis()
    const redis = openRedis(own.url)
    await redis.ping()
    own.freeze()
    const pong = redis.ping()
    expect(await Promise.race([pong, sleep(200, 'silence')])).toBe('silence')
    own.thaw()
    expect(await pong).toBe('PONG')
  })
})
