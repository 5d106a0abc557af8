import { expect, test } from 'vitest'
import { type ReadinessSources, readiness } from '../../src/http/admin/readiness.ts'
import { startAdmin } from './admin-server.ts'

const NOW = 1_764_000_000_000
const SOUND: ReadinessSources = {
  redisTime: async () => NOW,
  durabilityFaults: async () => [],
  tryLedger: async () => undefined,
  lastBeat: async () => NOW - 5_000,
  clock: () => NOW,
}

async function answerOf(changes: Partial<ReadinessSources>) {
  const { url } = await startAdmin({ ready: readiness({ ...SOUND, ...changes }) })
  const answer = await fetch(`${url}/readyz`)
  return { status: answer.status, body: await answer.text() }
}

test('a process that can work says so', async () => {
  expect(await answerOf({})).toEqual({ status: 200, body: '{"status":"ok","reasons":[]}' })
})

test('a Redis that could lose what it acknowledged is named', async () => {
  const { status, body } = await answerOf({ durabilityFaults: async () => ['redis: appendonly must be yes, it is no'] })
  expect(status).toBe(503)
  expect(body).toContain('appendonly must be yes')
})

test('a clock off by more than two seconds is told, in either direction', async () => {
  expect((await answerOf({ clock: () => NOW + 1_900 })).status).toBe(200)
  for (const clock of [() => NOW + 2_600, () => NOW - 2_600]) {
    const { status, body } = await answerOf({ clock })
    expect(status).toBe(503)
    expect(body).toContain('clock: 2.6 s off the clock of Redis')
  }
})

test('a slow answer of Redis is no drift', async () => {
  const readings = [NOW - 3_000, NOW + 3_000]
  expect((await answerOf({ clock: () => readings.shift() ?? NOW })).status).toBe(200)
})

test('a Redis that takes no writes any more is told, and one that took none yet is not', async () => {
  const { status, body } = await answerOf({ lastBeat: async () => NOW - 31_000 })
  expect(status).toBe(503)
  expect(body).toContain('redis: has taken no write of this process for 31 s')
  expect((await answerOf({ lastBeat: async () => undefined })).status).toBe(200)
})

test('scripts that do not run are told', async () => {
  const { status, body } = await answerOf({ tryLedger: () => Promise.reject(new Error('NOSCRIPT secret')) })
  expect(status).toBe(503)
  expect(body).toContain('the scripts of the ledger do not run')
  expect(body).not.toContain('secret')
})

test('a Redis that is away is told without what it said', async () => {
  const { status, body } = await answerOf({
    redisTime: () => Promise.reject(new Error('connect redis://:password@db')),
  })
  expect(status).toBe(503)
  expect(body).toBe('{"status":"unready","reasons":["redis cannot be asked"]}')
})

test('a Redis that is silent is told within the time of a probe', async () => {
  const { status, body } = await answerOf({ redisTime: () => new Promise(() => {}) })
  expect(status).toBe(503)
  expect(body).toContain('redis does not answer in time')
})

test('a process lives whatever Redis does', async () => {
  const { url } = await startAdmin({ ready: () => Promise.reject(new Error('away')) })
  const answer = await fetch(`${url}/livez`)
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }])
})

test('metrics are the text that was made, or 503', async () => {
  const { url } = await startAdmin({ metrics: async () => 'refunds 7\n' })
  const answer = await fetch(`${url}/metrics`)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await answer.text()).toBe('refunds 7\n')
  const broken = await startAdmin({ metrics: () => Promise.reject(new Error('redis://:password@db')) })
  const refused = await fetch(`${broken.url}/metrics`)
  expect(refused.status).toBe(503)
  expect(await refused.text()).not.toContain('password')
})
