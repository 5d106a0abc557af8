import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis, testNamespace } from '../support/redis.ts'
import { startProxy, type TcpProxy } from './proxy.ts'

async function proxied() {
  const key = `${testNamespace().ledgerPrefix}:key`
  const proxy = await startProxy({ port: Number(new URL(inject('redisUrl')).port) })
  cleanUp(proxy.stop)
  return { proxy, key, through: (options = {}) => openRedis(proxy.url, options), direct: openRedis() }
}

const once = { retryStrategy: null, maxRetriesPerRequest: 0 } as const
const silence = async (): Promise<'silence'> => await sleep(200, 'silence')

test('a proxy without faults passes everything on, however large', async () => {
  const { through, key } = await proxied()
  const redis = through()
  const large = 'x'.repeat(5_000_000)
  await redis.set(key, large)
  expect(await redis.get(key)).toBe(large)
})

test('the reply to one command is lost, and that command was done', async () => {
  const { proxy, through, direct, key } = await proxied()
  const [bystander, redis] = [through(once), through(once)]
  await bystander.ping()
  await redis.ping()
  const lost = proxy.loseReplyTo((bytes) => bytes.includes('INCR') || bytes.includes('incr'))
  expect(await redis.get(key)).toBeNull()
  await expect(redis.incr(key)).rejects.toThrow('closed')
  await lost
  expect(await direct.get(key)).toBe('1')
  expect(await bystander.incr(key)).toBe(2)
})

test('replies pass up to so many bytes, then the connection is cut', async () => {
  const { proxy, through, direct, key } = await proxied()
  const redis = through(once)
  await redis.set(key, 'x'.repeat(1000))
  const cut = proxy.dropRepliesAfter(600)
  await expect(redis.get(key)).rejects.toThrow('closed')
  await cut
  expect(await through(once).get(key)).toHaveLength(1000)
  expect(await direct.strlen(key)).toBe(1000)
})

test('held replies come late, or never when the connection is cut', async () => {
  const { proxy, through, direct, key } = await proxied()
  const redis = through(once)
  await redis.ping()
  proxy.holdReplies()
  const first = redis.incr(key)
  expect(await Promise.race([first, silence()])).toBe('silence')
  expect(await direct.get(key)).toBe('1')
  proxy.release()
  expect(await first).toBe(1)
  proxy.holdReplies()
  const second = redis.incr(key).catch(String)
  await eventually(async () => expect(await direct.get(key)).toBe('2'))
  proxy.cutAll()
  expect(await second).toContain('closed')
  proxy.release()
})

test('frozen, neither requests nor replies pass, and thawed all of them do', async () => {
  const { proxy, through, direct, key } = await proxied()
  const redis = through(once)
  await redis.ping()
  proxy.freeze()
  const set = redis.incr(key)
  const late = through(once)
  const newcomer = late.ping()
  expect(await Promise.race([set, newcomer, silence()])).toBe('silence')
  expect(await direct.get(key)).toBeNull()
  proxy.thaw()
  expect(await set).toBe(1)
  expect(await newcomer).toBe('PONG')
})

test('new connections are refused while those that stand go on', async () => {
  const { proxy, through } = await proxied()
  const redis = through()
  await redis.ping()
  proxy.refuse(true)
  await expect(through(once).ping()).rejects.toThrow(/closed|ECONNRESET/)
  expect(await redis.ping()).toBe('PONG')
  proxy.refuse(false)
  expect(await through(once).ping()).toBe('PONG')
  await connectionsGone(proxy)
})

async function connectionsGone(proxy: TcpProxy): Promise<void> {
  await proxy.stop()
  expect(proxy.connections()).toBe(0)
}
