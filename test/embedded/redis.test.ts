import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { redisFor, startRedis } from '../../src/embedded/redis.ts'
import { startRedisProcess } from '../../src/embedded/redis-process.ts'
import { findRedisProgram } from '../../src/embedded/redis-program.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { ownRedis } from '../support/own-redis.ts'
import { openRedis } from '../support/redis.ts'

const local = { sources: ['program', 'package'] } as const

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a started Redis answers and has the settings that production demands', async () => {
  const redis = await startRedis(local)
  cleanUp(redis.stop)
  const connection = openRedis(redis.url)
  expect(await connection.ping()).toBe('PONG')
  const settings = await Promise.all(
    ['appendonly', 'appendfsync', 'no-appendfsync-on-rewrite', 'maxmemory-policy', 'save', 'bind'].map(
      async (name) => await connection.config('GET', name),
    ),
  )
  expect(Object.fromEntries(settings)).toEqual({
    appendonly: 'yes',
    appendfsync: 'always',
    'no-appendfsync-on-rewrite': 'no',
    'maxmemory-policy': 'noeviction',
    save: '',
    bind: '127.0.0.1',
  })
  expect(await connection.info('server')).toContain(`process_id:${redis.pid}\r\n`)
})

test('settings may be changed one by one', async () => {
  const redis = await startRedis({ ...local, settings: { appendfsync: 'everysec' } })
  cleanUp(redis.stop)
  expect(await openRedis(redis.url).config('GET', 'appendfsync')).toEqual(['appendfsync', 'everysec'])
})

test('stop ends the server and removes its folder, and may be called twice', async () => {
  const redis = await startRedis(local)
  expect(existsSync(redis.dir)).toBe(true)
  await redis.stop()
  await redis.stop()
  expect(isAlive(redis.pid)).toBe(false)
  expect(existsSync(redis.dir)).toBe(false)
})

test('stop ends a frozen server too', async () => {
  const redis = await startRedis(local)
  process.kill(redis.pid, 'SIGSTOP')
  await redis.stop()
  expect(isAlive(redis.pid)).toBe(false)
})

test('the server and its folder go when the process that started them is killed', async () => {
  const module = fileURLToPath(new URL('../../src/embedded/redis.ts', import.meta.url))
  const source =
    `import { startRedis } from ${JSON.stringify(module)}\n` +
    'const { pid, dir } = await startRedis()\nconsole.log(JSON.stringify({ pid, dir }))\nsetInterval(() => {}, 1000)\n'
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  cleanUp(() => parent.kill('SIGKILL'))
  const [line] = await once(parent.stdout, 'data')
  const { pid, dir } = JSON.parse(String(line))
  expect(isAlive(pid)).toBe(true)
  parent.kill('SIGKILL')
  await eventually(() => !isAlive(pid) && !existsSync(dir))
})

test('a port that somebody else holds is refused by name, and the one who answers there is not taken for ours', async () => {
  const other = await startRedis(local)
  cleanUp(other.stop)
  await expect(startRedis({ ...local, port: other.port })).rejects.toThrow(`port ${other.port} is taken`)
  expect(await openRedis(other.url).ping()).toBe('PONG')
})

test('when another process was faster on the free port, the next one is tried', async () => {
  const program = findRedisProgram(process.env)
  if (program === undefined) throw new Error('the tests before this one install a server')
  const squatter = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  cleanUp(() => squatter.close())
  const address = squatter.address()
  const taken = address !== null && typeof address === 'object' ? address.port : 0
  const ports = [taken, taken, undefined]
  const redis = await startRedisProcess(program, {
    settings: {},
    freePort: async () => ports.shift() ?? (await freePort()),
  })
  cleanUp(redis.stop)
  expect(redis.port).not.toBe(taken)
  expect(ports).toEqual([])
})

test('a setting that the server does not know fails the start with its own words', async () => {
  await expect(startRedis({ ...local, settings: { 'no-such-setting': '1' } })).rejects.toThrow(/did not start/)
})

test('without any Redis to be had the error is one line', async () => {
  await expect(startRedis({ sources: [] })).rejects.toThrow(/^no Redis found: [^\n]+$/)
})

test('REDIS_URL is used as it is and left running', async () => {
  const own = await ownRedis()
  const redis = await redisFor({ REDIS_URL: own.url })
  expect(redis.url).toBe(own.url)
  await redis.stop()
  expect(await openRedis(own.url).ping()).toBe('PONG')
})

test('without REDIS_URL a private server is started', async () => {
  const redis = await redisFor({ ...process.env, REDIS_URL: '' }, local)
  expect(await openRedis(redis.url).ping()).toBe('PONG')
  await redis.stop()
})
