import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { z } from 'zod'
import type { WorkerProcess } from '../e2e/worker-process.ts'
import { programEnvironment } from '../support/program-environment.ts'
import type { Output } from './scan.ts'

/** What a process writes, and what every user of its machine can see of it. */
export function streamsOf(worker: WorkerProcess): readonly Output[] {
  return [
    { where: `stdout of ${worker.name}`, text: worker.stdout() },
    { where: `stderr of ${worker.name}`, text: worker.stderr() },
  ]
}

/** @returns nothing where there is no /proc */
export function processTable({ name, pid }: WorkerProcess): readonly Output[] {
  if (process.platform !== 'linux') return []
  return ['cmdline', 'environ'].map((what) => ({
    where: `${what} of ${name}`,
    text: readFileSync(`/proc/${pid}/${what}`, 'latin1'),
  }))
}

/** Every key of a Redis with its value, and what the server tells of its clients. */
export async function redisContent(url: string): Promise<readonly Output[]> {
  const redis = new Redis(url)
  try {
    const outputs: Output[] = []
    for await (const keys of redis.scanStream({ count: 500 })) {
      for (const key of z.array(z.string()).parse(keys)) {
        outputs.push({ where: `Redis, ${key}`, text: `${key} ${await contentOf(redis, key)}` })
      }
    }
    for (const [command, ...args] of [
      ['CLIENT', 'LIST'],
      ['SLOWLOG', 'GET', '128'],
      ['ACL', 'LOG'],
    ] as const) {
      outputs.push({ where: `Redis, ${command}`, text: JSON.stringify(await redis.call(command, ...args)) })
    }
    return outputs
  } finally {
    redis.disconnect()
  }
}

const READERS: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  string: ['GET'],
  hash: ['HGETALL'],
  list: ['LRANGE', '0', '-1'],
  set: ['SMEMBERS'],
  zset: ['ZRANGE', '0', '-1'],
  stream: ['XRANGE', '-', '+'],
}

async function contentOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key)
  // gone meanwhile
  if (type === 'none') return ''
  const [command, ...args] = READERS[type] ?? []
  if (command === undefined) throw new Error(`a key of an unknown type: ${type}`)
  return flat(await redis.callBuffer(command, key, ...args))
}

function flat(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  return Array.isArray(value) ? value.map(flat).join(' ') : String(value)
}

const QUEUES = ['refund', 'refund-query', 'refund-completed']
const queuePage = z.object({
  queues: z.array(z.object({ name: z.string(), jobs: z.array(z.object({ id: z.string() })) })),
})

/** Every page and every answer of the admin server, with and without its password. */
export async function adminPages(url: string, credentials: string): Promise<readonly Output[]> {
  const outputs: Output[] = []
  const headers = { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
  const ask = async (path: string, init: RequestInit = { headers }): Promise<string> => {
    const answer = await fetch(`${url}${path}`, { redirect: 'manual', ...init })
    const body = await answer.text()
    const given = JSON.stringify([...answer.headers])
    outputs.push({ where: `admin ${path}`, text: `${answer.status} ${given} ${body}` })
    return body
  }
  for (const path of ['/', '/brake?action=stop', '/metrics', '/livez', '/readyz', '/queues', '/nowhere']) {
    await ask(path)
    await ask(path, {})
    await ask(path, { headers: { authorization: 'Basic d3Jvbmc6d3Jvbmc=' } })
  }
  await ask('/brake', { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{' })
  await ask('/queues/api/redis/stats')
  for (const queue of QUEUES) {
    const listed = await ask(`/queues/api/queues?activeQueue=${queue}&page=1&jobsPerPage=100`)
    const jobs = queuePage.parse(JSON.parse(listed)).queues.find(({ name }) => name === queue)?.jobs ?? []
    for (const { id } of jobs) {
      await ask(`/queues/api/queues/${queue}/${encodeURIComponent(id)}`)
      await ask(`/queues/api/queues/${queue}/${encodeURIComponent(id)}/logs`)
    }
  }
  return outputs
}

/** What command lines of refundctl write, one after another. */
export async function commandLines(
  commands: readonly (readonly string[])[],
  env: Readonly<Record<string, string>>,
): Promise<Output> {
  const program = fileURLToPath(new URL('every-command.ts', import.meta.url))
  const child = spawn(process.execPath, [program, JSON.stringify(commands)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...programEnvironment, ...env },
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { where: 'refundctl', text: `${out}\n${err}` }
}
