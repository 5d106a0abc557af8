import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Job, UnrecoverableError, Worker } from 'bullmq'
import { describe, expect, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { openRedis } from '../support/redis.ts'
import { type AdminServer, CREDENTIALS, startAdmin } from './admin-server.ts'

/** These exist only for a board that records history, which ours does not. */
const ONLY_WITH_HISTORY = '/api/metrics/history'
/** Every write that this version of Bull Board has, read from its own table of routes. */
const WRITES = boardRoutes().filter(({ method, route }) => method !== 'GET' && !route.startsWith(ONLY_WITH_HISTORY))
const DATA = { no_refund: '2013051500001', money_refund: '200.01', no_order: '1' }

test('Bull Board has the writes that these tests know of', () => {
  expect(WRITES.length).toBeGreaterThan(15)
  expect(WRITES.map(({ route }) => route)).toContain('/api/queues/:queueName/obliterate')
})

describe('read-only', () => {
  test.for(WRITES)('refuses $method $route', async ({ method, route }) => {
    const server = await startAdmin()
    const jobs = await standing(server)
    const answer = await server.get(`/queues${pathOf(route, jobs.failed)}`, { method, ...BODY })
    expect(answer.status).toBe(405)
    expect(await answer.text()).toContain('ADMIN_WRITE=true')
    expect(await stateOf(server)).toEqual(jobs.state)
    expect(server.operations).toEqual([])
  })

  test('shows queues and jobs, and says so to its own pages', async () => {
    const server = await startAdmin()
    await standing(server)
    const answer = await server.get('/queues/api/queues?activeQueue=refund&status=latest&page=1&jobsPerPage=10')
    const body = await answer.text()
    expect(body).toContain('"readOnlyMode":true')
    expect(body).not.toContain('"readOnlyMode":false')
    expect(body).toContain('2013051500001')
  })
})

describe('with ADMIN_WRITE', () => {
  const ALLOWED: readonly (readonly [method: string, path: string, says: string])[] = [
    ['PUT', '/queues/api/queues/pause', 'pause all queues'],
    ['PUT', '/queues/api/queues/resume', 'resume all queues'],
    ['PUT', '/queues/api/queues/refund/pause', 'pause refund'],
    ['PUT', '/queues/api/queues/refund/resume', 'resume refund'],
    ['PUT', '/queues/api/queues/refund/promote', 'promote all delayed of refund'],
    ['PUT', '/queues/api/queues/refund/retry/failed', 'retry all failed of refund'],
    ['PUT', '/queues/api/queues/refund/clean/failed', 'remove all failed of refund'],
    ['PUT', '/queues/api/queues/refund/clean/completed', 'remove all completed of refund'],
    ['PUT', '/queues/api/queues/refund/FAILED/retry', 'retry refund/FAILED'],
    ['PUT', '/queues/api/queues/refund/DELAYED/promote', 'promote refund/DELAYED'],
    ['PUT', '/queues/api/queues/refund/FAILED/clean', 'remove refund/FAILED'],
  ]

  test.for(ALLOWED)('%s %s is done, logged and written down with the user', async ([method, path, says]) => {
    const server = await startAdmin({ write: true })
    const { failed, delayed } = await standing(server)
    const named = (text: string) => text.replace('FAILED', failed).replace('DELAYED', delayed)
    const answer = await server.get(named(path), { method })
    expect([answer.status, await answer.text()]).toEqual([expect.toBeOneOf([200, 204]), expect.any(String)])
    const action = named(says)
    expect(server.operations).toEqual([
      { at: expect.any(Number), by: CREDENTIALS.user, action, reason: 'on the queue board' },
    ])
    expect(server.log).toContainEqual(expect.objectContaining({ user: CREDENTIALS.user, action, allowed: true }))
  })

  test('a paused queue is paused, and a retried job waits again', async () => {
    const server = await startAdmin({ write: true })
    const { failed } = await standing(server)
    const [refund] = server.queues
    await server.get('/queues/api/queues/refund/pause', { method: 'PUT' })
    expect(await refund.isPaused()).toBe(true)
    await server.get(`/queues/api/queues/refund/${failed}/retry`, { method: 'PUT' })
    expect(await refund.getJobState(failed)).toBe('waiting')
  })

  test('a job that may be all that is known of a refund cannot be removed, nor any be made or edited', async () => {
    const server = await startAdmin({ write: true })
    const { waiting, delayed, state } = await standing(server)
    const refused = [
      ['PUT', 'empty'],
      ['PUT', 'obliterate'],
      ['PUT', 'clean/waiting'],
      ['PUT', 'clean/wait'],
      ['PUT', 'clean/delayed'],
      ['PUT', 'clean/active'],
      ['PUT', `${waiting}/clean`],
      ['PUT', `${delayed}/clean`],
      ['POST', 'add'],
      ['PATCH', `${waiting}/update-data`],
    ] as const
    for (const [method, path] of refused) {
      const answer = await server.get(`/queues/api/queues/refund/${path}`, { method, ...BODY })
      expect([path, answer.status]).toEqual([path, 403])
      expect(await answer.text()).toContain('refundctl')
    }
    expect(await stateOf(server)).toEqual(state)
    expect(server.operations).toEqual([])
    expect(server.log.filter(({ allowed }) => allowed === false)).toHaveLength(refused.length)
  })

  test('an event that failed at its subscriber cannot be removed, by itself or with all others', async () => {
    const server = await startAdmin({ write: true })
    const events = server.queues.find(({ name }) => name === 'refund-completed')
    const id = (await events?.add('refund.succeeded', {}, { jobId: 'event-1' }))?.id ?? ''
    const worker = new Worker('refund-completed', () => Promise.reject(new UnrecoverableError('no')), {
      connection: openRedis(),
      prefix: events?.opts.prefix ?? '',
    })
    cleanUp(async () => worker.close())
    await eventually(async () => (await events?.getJobState(id)) === 'failed')
    for (const path of ['clean/failed', `${id}/clean`]) {
      const answer = await server.get(`/queues/api/queues/refund-completed/${path}`, { method: 'PUT' })
      expect([path, answer.status]).toEqual([path, 403])
    }
    expect(await events?.getJobState(id)).toBe('failed')
    await server.get(`/queues/api/queues/refund-completed/${id}/retry`, { method: 'PUT' })
    expect(server.operations).toMatchObject([{ action: `retry refund-completed/${id}` }])
  })

  test('what cannot be written down is not done', async () => {
    const broken = { stop: async () => {}, resume: async () => true, operated: () => Promise.reject(new Error('away')) }
    const server = await startAdmin({ write: true, operator: broken })
    const answer = await server.get('/queues/api/queues/refund/pause', { method: 'PUT' })
    expect(answer.status).toBe(503)
    expect(await server.queues[0].isPaused()).toBe(false)
  })

  test.for([
    { origin: 'https://attacker.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'none' },
  ])('a write that another site asked for is not done (%j)', async (headers) => {
    const server = await startAdmin({ write: true })
    const answer = await server.get('/queues/api/queues/refund/pause', { method: 'PUT', headers: { ...headers } })
    expect(answer.status).toBe(403)
    expect(await server.queues[0].isPaused()).toBe(false)
    expect(server.operations).toEqual([])
  })
})

describe('secrets', () => {
  const SECRET = 'c2VjcmV0IG9mIHRoZSBtZXJjaGFudCB0aGF0IG5vYm9keSBtYXkgc2Vl'
  const SIGNATURE = 'Qm9ndXM'.repeat(25)

  test.for([
    '/queues/api/queues?activeQueue=refund&status=failed&page=1&jobsPerPage=10',
    '/queues/api/queues?activeQueue=refund&status=latest&page=1&jobsPerPage=10',
    '/queues/api/queues/refund/JOB',
    '/queues/api/queues/refund/JOB/logs',
    '/queues/api/queues/refund/JOB/flow',
  ])('neither data, options, progress, reason, stack nor log of a job show one on %s', async (path) => {
    const server = await startAdmin({ write: true })
    const [refund] = server.queues
    const job = await refund.add('refund', { ...DATA, sign: SECRET, metadata: { password: SECRET, note: 'seen' } })
    await job.log(`signed with sign=${SECRET}`)
    await job.updateProgress({ token: SECRET })
    await fail(server, job, `no answer for {"sign":"${SIGNATURE}"} with api_key=${SECRET}`)
    const answer = await server.get(path.replace('JOB', job.id ?? ''))
    const body = await answer.text()
    expect(answer.status).toBe(200)
    expect(body).toMatch(/signed with|no_refund|nodeId/)
    expect(body).not.toContain(SECRET.slice(0, 16))
    expect(body).not.toContain('Qm9ndXM')
  })
})

test('the board asks nothing of other companies', async () => {
  const { get } = await startAdmin()
  const page = await (await get('/queues')).text()
  expect(page).toContain('<base href="/queues/" />')
  expect(page).not.toContain('googleapis')
})

const BODY = { body: '{}', headers: { 'content-type': 'application/json' } }

/** A job of each kind that waits for something, and how the queue stands with them. */
async function standing(server: AdminServer) {
  const [refund] = server.queues
  const bad = await refund.add('refund', { ...DATA, no_refund: 'bad' })
  await fail(server, bad, 'bad data')
  const waiting = await refund.add('refund', DATA)
  const delayed = await refund.add('refund', DATA, { delay: 3_600_000 })
  const state = await stateOf(server)
  return { failed: bad.id ?? '', waiting: waiting.id ?? '', delayed: delayed.id ?? '', state }
}

async function stateOf({ queues: [refund] }: AdminServer) {
  const jobs = await refund.getJobs(['waiting', 'delayed', 'failed', 'completed', 'active'])
  const data = jobs.map((job) => ({
    id: job.id,
    data: JSON.stringify(job.data),
    delay: job.delay,
    priority: job.priority,
  }))
  return {
    data: data.toSorted((one, other) => Number(one.id) - Number(other.id)),
    counts: await refund.getJobCounts(),
    paused: await refund.isPaused(),
    concurrency: await refund.getGlobalConcurrency(),
  }
}

/** Lets a worker fail the only job that waits. */
async function fail({ queues: [refund] }: AdminServer, job: Job, reason: string): Promise<void> {
  const worker = new Worker(
    refund.name,
    async () => {
      throw new Error(reason)
    },
    { connection: openRedis(), prefix: refund.opts.prefix ?? 'bull' },
  )
  cleanUp(() => worker.close())
  await eventually(async () => expect(await job.getState()).toBe('failed'))
  await worker.close()
}

function boardRoutes() {
  const main = createRequire(import.meta.url).resolve('@bull-board/api')
  const source = readFileSync(join(dirname(main), 'routes.js'), 'utf8')
  return [...source.matchAll(/method: '(\w+)',\s*route: '([^']+)'/g)].map(([, method = '', route = '']) => ({
    method: method.toUpperCase(),
    route,
  }))
}

function pathOf(route: string, jobId: string): string {
  return route
    .replace(':queueName', 'refund')
    .replace(':jobId', jobId)
    .replace(':queueStatus', 'failed')
    .replace(':schedulerId', 'any')
}
