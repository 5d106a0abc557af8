import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createConsumer } from '../../src/package/consumer.ts'
import { createProducer } from '../../src/package/producer.ts'
import { refundctl } from '../cli/refundctl.ts'
import { type Fleet, startFleet } from '../e2e/fleet.ts'
import { PARTNER } from '../e2e/settings.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { startOwnRedis } from '../support/own-redis.ts'
import { openRedis } from '../support/redis.ts'
import { type RedisUser, USERS, urlFor, usersFile } from '../support/redis-users.ts'

const shipped = readFileSync(new URL('../../deploy/redis/users.acl', import.meta.url), 'utf8')
let own: Awaited<ReturnType<typeof startOwnRedis>>
let fleet: Fleet
let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'refund-acl-'))
  const aclfile = join(dir, 'users.acl')
  await writeFile(aclfile, usersFile())
  own = await startOwnRedis({ aclfile })
  fleet = await startFleet({
    redisUrl: own.url,
    defaultPrefixes: true,
    settings: { REDIS_URL: urlFor('refund-worker', own.url), REQUIRE_DURABLE_REDIS: 'true' },
  })
})
afterAll(async () => {
  await fleet?.stop()
  await own?.stop()
  await rm(dir, { recursive: true, force: true })
})

const as = (user: RedisUser): Redis => openRedis(urlFor(user, own.url))
const env = (user: RedisUser) => ({ REDIS_URL: urlFor(user, own.url), LIANLIAN_OID_PARTNER: PARTNER, TZ: 'UTC' })

/** Of Redis itself, of a script, and of a server that has DEBUG switched off for everybody. */
const DENIED =
  /NOPERM|No permissions|can't run this command|can't access at least one of the keys|(?:DEBUG|This Redis) command (?:is )?not allowed/i

/** What was denied since the last look: command, or key, and whom. */
async function denied(): Promise<string[]> {
  const redis = openRedis(own.url)
  const log = z.array(z.array(z.unknown())).parse(await redis.call('ACL', 'LOG'))
  await redis.call('ACL', 'LOG', 'RESET')
  return log.map((entry) => `${String(entry[9])}: ${String(entry[3])} ${String(entry[7])}`)
}

describe('with the users of deploy/redis/users.acl', () => {
  test('workers settle, refuse, retry and hold refunds, hear notifications, sweep and publish', async () => {
    fleet.simulator.script('R2', { submit: ['9999', '9999'] })
    fleet.simulator.script('R3', { submit: ['5003'] })
    fleet.simulator.script('R4', { submit: ['5006'] })
    for (const no_refund of ['R1', 'R2', 'R3']) await fleet.add({ no_refund })
    expect(await fleet.event('R1')).toMatchObject({ data: { settled_by: 'notification' } })
    expect(await fleet.event('R2')).toMatchObject({ type: 'refund.succeeded' })
    expect(await fleet.event('R3')).toMatchObject({ type: 'refund.failed' })
    await fleet.add({ no_refund: 'R4' })
    expect((await fleet.held('R4')).holds).toEqual(['insufficient_balance'])
    await fetch(`${fleet.adminUrl}/metrics`)
    await fetch(`${fleet.adminUrl}/readyz`)
    expect(await denied()).toEqual([])
  })

  test('an operator does everything as a worker', async () => {
    const run = refundctl(env('refund-worker'))
    for (const args of [
      ['stop', '--yes', '--reason', 'a drill'],
      ['enqueue', '{"no_refund":"R5","money_refund":"1.00","no_order":"N5"}', '--yes'],
      ['enqueue', '{"no_refund":"R6","money_refund":"1.00","no_order":"N6"}', '--yes'],
    ]) {
      expect(await run(...args), args.join(' ')).toMatchObject({ code: 0, err: expect.any(String) })
    }
    for (const number of ['R5', 'R6']) await eventually(async () => (await fleet.standing(number)) !== undefined)
    for (const args of [
      ['hold', 'R5', '--yes', '--reason', 'a drill'],
      ['release', 'R5', '--yes', '--reason', 'a drill'],
      ['hold', 'R5', '--yes', '--reason', 'a drill'],
      ['cancel', 'R6', '--yes', '--reason', 'a drill'],
      ['resume', '--yes', '--reason', 'a drill'],
      ['replay', 'R1', '--yes', '--reason', 'a drill'],
      ['pause', 'refund', '--yes', '--reason', 'a drill'],
      ['resume', 'refund', '--yes', '--reason', 'a drill'],
    ]) {
      expect(await run(...args), args.join(' ')).toMatchObject({ code: 0, err: expect.any(String) })
    }
    expect(await denied()).toEqual([])
  })

  test('a reader sees everything and changes nothing', async () => {
    const run = refundctl(env('refund-reader'))
    for (const args of [
      ['status'],
      ['list'],
      ['get', 'R1'],
      ['timeline', 'R1'],
      ['unmatched'],
      ['keys'],
      ['export', '--from', '20200101'],
    ]) {
      expect(await run(...args), args.join(' ')).toMatchObject({ code: 0, err: expect.any(String) })
    }
    // `status` writes BullMQ's own note of a queue, and asks how durable Redis is: it does without either
    const unneeded = new Set(['refund-reader: command hset', 'refund-reader: command config|get'])
    expect((await denied()).filter((each) => !unneeded.has(each))).toEqual([])
    const before = await fleet.standing('R5')
    for (const args of [
      ['release', 'R5', '--yes', '--reason', 'a drill'],
      ['stop', '--yes', '--reason', 'a drill'],
      ['enqueue', '{"no_refund":"R7","money_refund":"1.00","no_order":"N7"}', '--yes'],
    ]) {
      const ran = await run(...args)
      expect(ran, args.join(' ')).toMatchObject({ code: 1 })
    }
    expect(await fleet.standing('R5')).toEqual(before)
    expect((await denied()).length).toBeGreaterThan(0)
  })

  test('a producer asks for refunds and looks at them, and cancels none', async () => {
    const producer = createProducer({ redis: urlFor('refund-producer', own.url), oid_partner: PARTNER })
    cleanUp(async () => producer.close())
    const refund = { no_refund: 'P1', money_refund: '1.00', no_order: 'N7' }
    await producer.enqueueRefund(refund)
    await producer.enqueueRefunds([refund, { ...refund, no_refund: 'P2' }])
    await fleet.event('P1')
    await producer.enqueueRefund(refund)
    expect(await producer.getRefund('P1')).toMatchObject({ state: 'succeeded' })
    await expect(producer.enqueueRefund({ ...refund, money_refund: '2.00' })).rejects.toThrow('no_refund_conflict')
    expect(await denied()).toEqual([])
    await expect(producer.cancelRefund('R5', { reason: 'a drill' })).rejects.toThrow('cannot be reached')
    expect(await fleet.standing('R5')).toMatchObject({ holds: ['operator'] })
    await denied()
  })

  test('a consumer handles events, and has dead letters handled anew', async () => {
    const seen: string[] = []
    const consumer = createConsumer({
      redis: urlFor('refund-consumer', own.url),
      attempts: 1,
      handle: async ({ subject }) => {
        seen.push(subject)
        if (subject === 'R1' && seen.filter((each) => each === 'R1').length === 1) throw new Error('not yet')
      },
    })
    cleanUp(async () => consumer.close())
    await consumer.ready()
    await eventually(() => expect(seen).toEqual(expect.arrayContaining(['R1', 'R2', 'R3', 'P1'])))
    await eventually(async () => expect(await consumer.redriveDeadLetters()).toBe(1))
    await eventually(() => expect(seen.filter((each) => each === 'R1').length).toBeGreaterThan(1))
    expect(await denied()).toEqual([])
  })

  test('an operator makes a safe start', async () => {
    const ran = await refundctl(env('refund-worker'))('safe-start', '--before', 'now', '--yes', '--reason', 'a drill')
    expect(ran).toMatchObject({ code: 0 })
    expect(await denied()).toEqual([])
  })
})

describe('no user may', () => {
  const everywhere: readonly (readonly string[])[] = [
    ['FLUSHALL'],
    ['FLUSHDB'],
    ['CONFIG', 'SET', 'appendonly', 'no'],
    ['KEYS', '*'],
    ['SCAN', '0'],
    ['DEBUG', 'SLEEP', '0'],
    ['SCRIPT', 'FLUSH'],
    ['SCRIPT', 'KILL'],
    ['FUNCTION', 'FLUSH'],
    ['SHUTDOWN', 'NOSAVE'],
    ['REPLICAOF', '127.0.0.1', '1'],
    ['MODULE', 'LIST'],
    ['ACL', 'LIST'],
    ['CLIENT', 'KILL', 'TYPE', 'normal'],
    ['CLIENT', 'LIST'],
    ['MONITOR'],
    ['SAVE'],
    ['SWAPDB', '0', '1'],
    ['MIGRATE', '127.0.0.1', '1', 'k', '0', '1'],
    ['DUMP', 'bull:refund:meta'],
    ['PUBLISH', 'c', 'm'],
    ['GET', 'other'],
    ['SET', 'bull:other:meta', 'x'],
    ['EVAL', "return redis.call('SET', 'other', '1')", '0'],
    ['EVAL', "return redis.call('CONFIG', 'SET', 'save', '')", '0'],
  ]
  const besides: Readonly<Record<RedisUser, readonly (readonly string[])[]>> = {
    'refund-worker': [['SET', 'refund-consumer:bull:refund-completed:x', '1']],
    'refund-producer': [
      ['CONFIG', 'GET', 'appendonly'],
      ['SET', '{refunds}:stop', 'x'],
      ['DEL', '{refunds}:due'],
      ['EVAL', "return redis.call('DEL', KEYS[1])", '1', '{refunds}:due'],
      ['EVAL', "return redis.call('SET', KEYS[1], 'x')", '1', `{refunds}:r:${PARTNER}:R1`],
      ['HSET', 'bull:refund-completed:1', 'data', '{}'],
      ['HSET', 'bull:refund-query:1', 'data', '{}'],
    ],
    'refund-consumer': [
      ['CONFIG', 'GET', 'appendonly'],
      ['GET', `{refunds}:r:${PARTNER}:R1`],
      ['HGETALL', 'bull:refund:1'],
      ['EVAL', "return redis.call('XADD', KEYS[1], '*', 'a', 'b')", '1', 'bull:refund:events'],
    ],
    'refund-reader': [
      ['CONFIG', 'GET', 'appendonly'],
      ['DEL', '{refunds}:due'],
      ['EVAL', "return redis.call('DEL', KEYS[1])", '1', '{refunds}:due'],
      ['EVAL', "return redis.call('HSET', KEYS[1], 'a', 'b')", '1', 'bull:refund:1'],
    ],
  }
  test.each(USERS)('as %s', async (user) => {
    const redis = as(user)
    for (const [command = '', ...args] of [...everywhere, ...besides[user]]) {
      const outcome = await redis.call(command, ...args).catch((error: unknown) => String(error))
      expect(String(outcome), `${command} ${args.join(' ')}`).toMatch(DENIED)
    }
  })

  test('without a password, or as the default user', async () => {
    const redis = openRedis(own.url)
    for (const line of shipped.trim().split('\n')) {
      const [, name = '', ...rules] = line.split(' ')
      const outcome = await redis.call('ACL', 'SETUSER', `shipped-${name}`, ...rules)
      expect(outcome).toBe('OK')
      for (const password of ['', name, 'password']) {
        await expect(redis.call('AUTH', `shipped-${name}`, password)).rejects.toThrow('WRONGPASS')
      }
    }
  })
})

test('workers may do what any script of BullMQ or of ours does, so that none fails on a path that no test takes', () => {
  const called = /(?:rcall|redis\.p?call)\(\s*\\?["'](\w+)/g
  const folders = ['node_modules/bullmq/dist/cjs/scripts', ...['ledger', 'queue'].map((name) => `src/${name}`)]
  const commands = new Set<string>()
  for (const folder of folders) {
    const at = new URL(`../../${folder}/`, import.meta.url)
    for (const file of readdirSync(at).filter((name) => /\.(?:js|lua)$/.test(name))) {
      for (const [, name = ''] of readFileSync(new URL(file, at), 'utf8').matchAll(called))
        commands.add(name.toLowerCase())
    }
  }
  expect(commands.size).toBeGreaterThan(40)
  const worker = shipped.split('\n').find((line) => line.startsWith('user refund-worker ')) ?? ''
  expect([...commands].filter((name) => !worker.split(' ').includes(`+${name}`))).toEqual([])
})
