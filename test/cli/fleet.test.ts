import { Queue } from 'bullmq'
import { expect, test } from 'vitest'
import { testLedger } from '../ledger/fixture.ts'
import { PARTNER } from '../refund/builders.ts'
import { cleanUp } from '../support/clean-up.ts'
import { openRedis } from '../support/redis.ts'
import { preparedMix } from './mix.ts'
import { jsonLines, operatorSettings, refundctl } from './refundctl.ts'

const WHY = ['--yes', '--reason', 'incident 12', '--as', 'ann'] as const

function fleet() {
  const at = testLedger()
  const env = operatorSettings(at.prefix)
  return { at, env, ctl: refundctl(env) }
}

function queueOf(name: string, { QUEUE_PREFIX = '' }: Readonly<Record<string, string>>): Queue {
  const queue = new Queue(name, { connection: openRedis(), prefix: QUEUE_PREFIX })
  cleanUp(() => queue.close())
  return queue
}

test('stop is the emergency brake of the whole fleet, resume lifts it, and both are remembered', async () => {
  const { at, ctl } = fleet()
  expect(await ctl('stop', ...WHY)).toMatchObject({ code: 0, out: '' })
  expect((await at.ledger.view([])).stopped).toMatchObject({ by: 'ann', reason: 'incident 12' })
  expect(await ctl('resume', '--yes', '--reason', 'over', '--as', 'bob')).toMatchObject({ code: 0 })
  const { stopped, operations } = await at.ledger.view([])
  expect(stopped).toBeUndefined()
  expect(operations).toMatchObject([
    { by: 'bob', action: 'resume', reason: 'over' },
    { by: 'ann', action: 'stop', reason: 'incident 12' },
  ])
  expect(await ctl('resume', ...WHY)).toMatchObject({
    code: 1,
    err: 'refundctl: sending of the whole fleet was not stopped\n',
  })
})

test('stop of one merchant stops that one, and an unknown one is wrong usage', async () => {
  const { at, ctl } = fleet()
  expect(await ctl('stop', '--partner', PARTNER, ...WHY)).toMatchObject({ code: 0 })
  const { stopped, gates } = await at.ledger.view([PARTNER])
  expect(stopped).toBeUndefined()
  expect(gates).toMatchObject([{ oid_partner: PARTNER, stopped: { by: 'ann' } }])
  expect(await ctl('resume', '--partner', PARTNER, ...WHY)).toMatchObject({ code: 0 })
  expect(await ctl('stop', '--partner', '999999999999999999', ...WHY)).toMatchObject({ code: 2 })
})

test('a dry run of stop and one without consent stop nothing', async () => {
  const { at, ctl } = fleet()
  expect(await ctl('stop', '--dry-run')).toMatchObject({ code: 0 })
  expect(await ctl('stop', '--reason', 'x')).toMatchObject({ code: 2 })
  expect(await ctl('stop', '--yes')).toMatchObject({ code: 2 })
  expect((await at.ledger.view([])).stopped).toBeUndefined()
})

test('pause and resume act on the queues that are named', async () => {
  const { at, ctl, env } = fleet()
  const queue = queueOf('refund', env)
  expect(await ctl('pause', 'refund', ...WHY)).toMatchObject({ code: 0 })
  expect(await queue.isPaused()).toBe(true)
  expect(await ctl('pause', 'nonsense', ...WHY)).toMatchObject({ code: 2 })
  expect(await ctl('resume', 'refund', ...WHY)).toMatchObject({ code: 0 })
  expect(await queue.isPaused()).toBe(false)
  expect((await at.ledger.view([])).operations.map(({ action }) => action)).toEqual(['resume refund', 'pause refund'])
})

test('safe-start stands where it was said, and never far in the future or before a later one', async () => {
  const { at, ctl } = fleet()
  const before = Date.now() - 1000
  expect(await ctl('safe-start', '--before', 'now', ...WHY)).toMatchObject({ code: 0 })
  const { safeStart } = await at.ledger.view([])
  expect(safeStart).toBeGreaterThanOrEqual(before)
  expect(await ctl('safe-start', '--before', '2h', ...WHY)).toMatchObject({ code: 2 })
  expect(await ctl('safe-start', '--before', '2126-01-01', ...WHY)).toMatchObject({ code: 2 })
  expect(await ctl('safe-start', '--before', 'soon', ...WHY)).toMatchObject({ code: 2 })
  expect((await at.ledger.view([])).safeStart).toBe(safeStart)
})

test('unmatched lists what nobody knows, and dismiss takes it off the list', async () => {
  const { at, ctl } = fleet()
  await at.ledger.keepUnmatched(
    { oid_partner: PARTNER, no_refund: 'unheard' },
    { fen: 500, fields: { sta_refund: '2' } },
  )
  const { out } = await ctl('unmatched', '-o', 'jsonl')
  const [notice = {}] = jsonLines(out)
  expect(notice).toMatchObject({ oid_partner: PARTNER, no_refund: 'unheard', money_refund: '5.00', sta_refund: '2' })
  const entry = String(notice.entry)
  expect(await ctl('unmatched', 'dismiss', '1-1', ...WHY)).toMatchObject({ code: 1 })
  expect(await ctl('unmatched', 'dismiss', 'all', ...WHY)).toMatchObject({ code: 2 })
  expect(await ctl('unmatched', 'dismiss', entry, '--dry-run')).toMatchObject({ code: 0 })
  expect(await at.ledger.unmatchedNotices()).toHaveLength(1)
  expect(await ctl('unmatched', 'dismiss', entry, ...WHY)).toMatchObject({ code: 0 })
  expect(await at.ledger.unmatchedNotices()).toEqual([])
})

test('replay publishes the same event with the same id under another job, to all subscribers or to one', async () => {
  const { at, ctl, env } = await preparedMix()
  const event = (await at.events()).find(({ subject }) => subject === 'paid')
  const queue = queueOf('refund-completed', env)
  const other = queueOf('accounting', env)
  const withTwo = refundctl({ ...env, COMPLETION_QUEUES: 'accounting' })
  expect(await withTwo('replay', 'paid', ...WHY)).toMatchObject({ code: 0 })
  expect(await withTwo('replay', 'paid', '--queue', 'accounting', ...WHY)).toMatchObject({ code: 0 })
  const jobs = await queue.getJobs()
  expect(jobs.map(({ name, data }) => ({ name, data }))).toEqual([{ name: 'refund.succeeded', data: event }])
  expect(jobs[0]?.id).toMatch(new RegExp(`^${PARTNER}-paid-1-replay-.+`))
  expect(await other.getJobs()).toHaveLength(2)
  const { code, err } = await ctl('replay', 'taken', ...WHY)
  expect(code).toBe(1)
  expect(err).toContain('refused: taken: replay: the refund is processing, it has no completion event')
  expect(await ctl('replay', 'paid', '--queue', 'refund', ...WHY)).toMatchObject({ code: 2 })
  const { operations } = await at.ledger.view([])
  expect(operations[0]).toMatchObject({
    by: 'ann',
    action: expect.stringMatching(/^replay events, jobs .*-replay-\w+$/),
  })
  const trail = (await at.ledger.trail({ oid_partner: PARTNER, no_refund: 'paid' })).map((line) => JSON.parse(line))
  expect(trail.at(-1)).toMatchObject({
    observation: 'replay',
    by: 'ann',
    note: expect.stringContaining('/paid/1 again'),
  })
})
