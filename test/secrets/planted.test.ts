import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fleet, startFleet } from '../e2e/fleet.ts'
import { notification, post } from '../e2e/notification.ts'
import { PARTNER } from '../e2e/settings.ts'
import { eventually } from '../support/eventually.ts'
import { startOwnRedis } from '../support/own-redis.ts'
import { type Collector, startCollector } from '../tracing/collector.ts'
import { markOfText } from './marks.ts'
import { adminPages, commandLines, processTable, redisContent, streamsOf } from './outputs.ts'
import { type Planted, plant } from './planted.ts'
import { longTextsIn, type Output, secretsIn } from './scan.ts'

const NODE_OPTIONS = /^ENV NODE_OPTIONS="(.*)"$/m.exec(
  readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8'),
)?.[1]

let redis: Awaited<ReturnType<typeof startOwnRedis>>
let planted: Planted
let collector: Collector
let fleet: Fleet
let guarded: string
const answers: Output[] = []

beforeAll(async () => {
  redis = await startOwnRedis()
  planted = plant(redis.url)
  guarded = redis.url.replace('//', `//:${planted.redisPassword}@`)
  const open = new Redis(redis.url)
  await open.config('SET', 'requirepass', planted.redisPassword)
  open.disconnect()
  collector = await startCollector()
  fleet = await startFleet({
    programs: ['submit', 'query', 'publish', 'receive', 'admin'],
    redisUrl: guarded,
    defaultPrefixes: true,
    settings: {
      ...planted.settings,
      LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      NODE_OPTIONS: NODE_OPTIONS ?? '',
      LIANLIAN_NOTIFY_URL: '',
    },
  })
  await faultRun()
}, 90_000)

afterAll(async () => {
  await fleet?.stop()
  await collector?.stop()
  await redis?.stop()
  planted?.remove()
})

/** Something of everything that can go wrong while the fleet is at work. */
async function faultRun(): Promise<void> {
  const notify_url = fleet.notifyUrl.replace(/\/notifications\/.*/, planted.settings.RECEIVER_PATH ?? '')
  const faults = ['bad_signature', 'malformed_json', 'accept_then_drop', 'huge_body', '9999'] as const
  for (const [index, fault] of faults.entries()) {
    const no_refund = `leak-${index}`
    fleet.simulator.script(no_refund, { submit: [fault], query: ['bad_signature'], notify: ['forged'] })
    await fleet.add({ no_refund, notify_url, metadata: { note: 'm' } })
  }
  await fleet.refunds.add('refund', { no_refund: 'leak-bad', money_refund: '1.', sign: 'x' })
  const fields = { oid_partner: PARTNER, no_refund: 'leak-1', money_refund: '1.00', sta_refund: '2' }
  const said = async (body: string, url = notify_url, method = 'POST') => {
    const { status, body: answer } = await post(url, body, {}, method)
    // whoever asks knows what was asked for
    answers.push({ where: `receiver to ${method}`, text: `${status} ${answer.replaceAll(new URL(url).pathname, '')}` })
  }
  const forged = notification(fields).replace('1.00', '9.00')
  for (const body of [forged, forged.slice(0, -9), '', '[]', notification({ ...fields, no_refund: 'unknown' })]) {
    await said(body)
  }
  await said('x'.repeat(70_000))
  for (const index of faults.keys()) await fleet.event(`leak-${index}`)
  await said('', notify_url, 'GET')
  await said(forged, `${notify_url}/more`)
  await redis.kill()
  await eventually(() => expect(logs()).toContain('redis connection fault'), { timeoutMs: 20_000 })
  await redis.restart()
  const again = new Redis(guarded)
  await eventually(async () => await again.config('SET', 'requirepass', planted.redisPassword), { timeoutMs: 20_000 })
  again.disconnect()
  await fleet.add({ no_refund: 'after', notify_url })
  await fleet.event('after')
  await eventually(() => expect(collector.bodies.join('\n')).toContain('"after"'), { timeoutMs: 20_000 })
}

const logs = () => fleet.workers.map((worker) => worker.stdout()).join('')

/** The signatures of all requests. */
const signatures = () => {
  const signs = fleet.simulator.requests.flatMap(({ fields: { sign } }) => (sign === undefined ? [] : [sign]))
  return signs.map((sign) => markOfText('signature of a request', sign.slice(0, 40)))
}
const everything = () => [...planted.marks, ...signatures()]
const beyondSettings = () => [...everything(), planted.segmentMark]

test('the run was one: signatures were made, and of the outputs none is empty', () => {
  expect(signatures().length).toBeGreaterThan(6)
  expect(fleet.workers).toHaveLength(5)
  for (const worker of fleet.workers) expect(worker.stdout()).not.toBe('')
  expect(answers.map(({ text }) => text.slice(0, 3))).toEqual(['400', '400', '400', '400', '200', '413', '405', '404'])
})

test('no stream of any role has a secret, at the finest level, with Redis gone and back', () => {
  const streams = fleet.workers.flatMap(streamsOf)
  expect(secretsIn(streams, beyondSettings())).toEqual([])
  expect(longTextsIn(streams)).toEqual([])
})

test('no process shows a secret in its arguments, and none in its environment where secrets come as files', () => {
  const shown = fleet.workers.flatMap(processTable)
  expect(secretsIn(shown, everything())).toEqual([])
})

test('only the roles that sign have read the private key', () => {
  const signing = fleet.workers.filter((worker) => worker.stdout().includes('"signs_with":"sha256:'))
  expect(signing.map(({ name }) => name).toSorted()).toEqual(['workers/query.ts', 'workers/submit.ts'])
})

test('no page, figure or answer of the admin server has a secret', { timeout: 30_000 }, async () => {
  const pages = await adminPages(fleet.adminUrl, `${planted.admin.user}:${planted.admin.password}`)
  expect(pages.filter(({ text }) => text.startsWith('200')).length).toBeGreaterThan(20)
  expect(pages.some(({ text }) => text.includes('leak-1'))).toBe(true)
  expect(secretsIn(pages, everything())).toEqual([])
  const openPages = pages.filter(({ where }) => !where.includes('/queues/api/'))
  expect(secretsIn(openPages, [planted.segmentMark])).toEqual([])
  expect(longTextsIn(pages.filter(({ where }) => where.includes('/api/') || where.endsWith('/metrics')))).toEqual([])
})

test('no answer of the receiver has a secret, and no span', () => {
  expect(secretsIn(answers, beyondSettings())).toEqual([])
  const spans = collector.bodies.map((text) => ({ where: 'a span', text }))
  expect(secretsIn(spans, beyondSettings())).toEqual([])
  expect(longTextsIn([...answers, ...spans])).toEqual([])
})

test('no key and no value in Redis has a secret: not the jobs, the records, the events, the list of clients', async () => {
  const content = await redisContent(guarded)
  expect(content.length).toBeGreaterThan(30)
  expect(content.some(({ text }) => text.includes('leak-1'))).toBe(true)
  expect(secretsIn(content, everything())).toEqual([])
  expect(longTextsIn(content)).toEqual([])
})

test('no debugger opens in a process of the image, on a signal that any process of its user may send', async () => {
  expect(NODE_OPTIONS).toContain('--disable-sigusr1')
  expect(NODE_OPTIONS).toContain('--report-exclude-env')
  const [worker] = fleet.workers
  worker?.signal('SIGUSR1')
  await fleet.add({ no_refund: 'signalled', notify_url: 'http://127.0.0.1:9/' })
  await fleet.event('signalled')
  expect(worker?.hasEnded()).toBe(false)
  for (const each of fleet.workers) expect(each.stderr()).toBe('')
})

describe('refundctl', () => {
  const file = () => planted.file('refunds.csv', 'no_refund\n')
  const COMMANDS = (): readonly (readonly string[])[] => [
    ['--help'],
    ['status'],
    ['list'],
    ['list', '-o', 'json'],
    ['get', 'leak-1', '-o', 'json'],
    ['timeline', 'leak-1'],
    ['unmatched'],
    ['keys'],
    ['keys', '--check', planted.settings.LIANLIAN_PRIVATE_KEY_FILE ?? '', planted.file('public', planted.oldKey)],
    ['keys', '--check', planted.file('wrong', planted.oldKey.slice(0, -200)), planted.file('public', planted.oldKey)],
    ['config'],
    ['config', '-o', 'json'],
    ['enqueue', planted.redisPassword],
    ['enqueue', '{"no_refund":"cli","money_refund":"1.00","no_order":"1"}', '--dry-run'],
    ['import', file(), '--dry-run'],
    ...['query', 'hold', 'release', 'cancel', 'erase', 'replay'].map((name) => [name, 'leak-1', '--dry-run']),
    ['resolve', 'leak-1', '--dry-run'],
    ['stop', '--dry-run', '--reason', 'a test'],
    ['pause', 'refund', '--dry-run', '--reason', 'a test'],
    ['resume', '--dry-run', '--reason', 'a test'],
    ['safe-start', '--before', 'now', '--dry-run', '--reason', 'a test'],
    ['reconcile', file()],
    ['export'],
    ['simulate', '--help'],
    ['completion', 'bash'],
  ]
  const settings = () => {
    const { RECEIVER_PATH: _, LIANLIAN_NOTIFY_URL: __, ...rest } = { ...fleet.settings }
    return rest
  }
  /** Its argument is the operator's own. */
  const withoutArguments = (output: Output): Output => ({ ...output, text: output.text.replaceAll(/^# .*$/gm, '') })

  test('has no secret in what any of its commands writes', { timeout: 60_000 }, async () => {
    const output = withoutArguments(await commandLines(COMMANDS(), settings()))
    const run = new Set(COMMANDS().map(([name]) => name))
    const listed = [...output.text.matchAll(/^ {2}([a-z-]+)(?:\|\w+)? (?:\[|<).{2,}/gm)].map(([, name = '']) => name)
    expect(listed.length).toBeGreaterThan(18)
    expect(listed.filter((name) => name !== 'help' && !run.has(name))).toEqual([])
    expect(output.text).toContain('leak-1')
    const marks = everything().filter(({ what }) => what !== 'password of Redis')
    expect(secretsIn([output], marks)).toEqual([])
  })

  test('keeps the password of Redis to itself, where it is right, wrong, or nobody answers', {
    timeout: 60_000,
  }, async () => {
    const commands = [['status'], ['config']]
    const wrong = `${planted.redisPassword}-wrong`
    const urls = [guarded, guarded.replace(planted.redisPassword, wrong), `redis://u:${wrong}@127.0.0.1:1`]
    const outputs = await Promise.all(
      urls.map(async (url, index) =>
        commandLines(commands, { ...settings(), REDIS_URL_FILE: planted.file(`url-${index}`, url) }),
      ),
    )
    for (const { text } of outputs) expect(text).toContain('redis://***@')
    expect(secretsIn(outputs, planted.marks)).toEqual([])
  })
})
