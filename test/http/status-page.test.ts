import { describe, expect, test } from 'vitest'
import type { Overview } from '../../src/flows/overview.ts'
import { startAdmin } from './admin-server.ts'
import { busyOverview, PARTNER, quietOverview } from './overviews.ts'

async function pageOf(view: Overview): Promise<string> {
  const { get } = await startAdmin({ overview: async () => view })
  const answer = await get('/')
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  return answer.text()
}

/** The page as a reader has it, without tags. */
const textOf = (page: string) =>
  page
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

test('a fleet that works well says just that', async () => {
  const page = textOf(await pageOf(quietOverview()))
  expect(page).toContain('All well. ¥0.00 is on its way.')
  expect(page).not.toContain('attention')
})

test('money stands by state, with count and sum in yuan', async () => {
  const page = textOf(await pageOf(busyOverview()))
  expect(page).toContain('processing 1,187 ¥284,609.11')
  expect(page).toContain('succeeded 412,906 ¥98,402,551.73')
  expect(page).toContain('Open ¥300,830.96 1,241 not at an end')
  expect(page).toContain('In flight ¥288,188.46 1,199 may be at the gateway')
  expect(page).toContain('Held ¥6,981.20 17 wait for a person')
  expect(page).toContain('Oldest open 9 d RF-20261113-00042')
})

test('every hold comes with its sum and the commands that list and end it', async () => {
  const page = textOf(await pageOf(busyOverview()))
  expect(page).toMatch(/insufficient_balance .* 11 ¥4,020.20 refundctl list --held-for insufficient_balance/)
  expect(page).toContain('refundctl release --held-for insufficient_balance --reason TEXT')
  expect(page).toMatch(/silence .* refundctl resolve NUMBER --succeeded\|--failed --evidence TEXT/)
  expect(page).not.toContain('attempts_spent')
})

test('the last hour stands by return code, with what each means', async () => {
  const page = textOf(await pageOf(busyOverview()))
  expect(page).toContain('0000 2,814 accepted The call was handled')
  expect(page).toContain('5006 11 needs operator')
  expect(page).toContain('none 7 unclear no return code came')
  expect(page).toContain('8901 12 denied')
  expect(page).toContain('bad_signature 3 not signed by LianLian')
  expect(page).toContain('refund.succeeded 2,640')
})

test('machinery, gates, workers and operators are told of', async () => {
  const page = textOf(await pageOf(busyOverview()))
  expect(page).toContain('refund-completed 310 0 0 0 7 min')
  expect(page).toContain('Events to publish 4, the oldest for 0 s')
  expect(page).toContain('Redis durability sound')
  expect(page).toMatch(
    /201408071000001543 being probed enough stopped by on-call, .* UTC ?: key change of the merchant/,
  )
  expect(page).toMatch(/submit 2 refunds-submit-7d9f:11, 0 s ago refunds-submit-b2kq:14, 2 s ago/)
  expect(page).toMatch(/on-call retry refund\/4711 on the queue board/)
  expect(page).toMatch(/Safe start older than .* UTC is asked about/)
})

describe('a problem stands on top:', () => {
  const now = Date.now()
  const ago = (minutes: number) => now - minutes * 60_000
  const refund = { oid_partner: PARTNER, no_refund: '4711' }
  const some = { count: 2, fen: 4_002 }
  const [gate] = quietOverview().gates
  const [queue] = quietOverview().queues
  const cases: Readonly<Record<string, Partial<Overview>>> = {
    'Facts contradict one another: 2 refunds, ¥40.02 refundctl list --contradiction': { contradicted: some },
    '2 verified notices of refunds that nobody asked us for refundctl unmatched': { unmatched: 2 },
    '3 notifications with a bad signature': { lastHour: { 'notice:bad_signature': 3 } },
    'Refund 4711 may or may not be paid for 1 h 1 min': { oldestUnknown: { ...refund, since: ago(61) } },
    'Held for a person: 2 refunds, ¥40.02 , the longest for 5 min': {
      held: some,
      oldestHeld: { ...refund, since: ago(5) },
    },
    'All sending is stopped by on-call': { stopped: { by: 'on-call', at: ago(1), reason: 'r' } },
    'No submit worker is alive: no refund is sent': {
      alive: quietOverview().alive.filter(({ roles }) => !roles.includes('submit')),
    },
    'Redis may lose what it acknowledged: redis: appendonly must be yes': {
      durabilityFaults: ['redis: appendonly must be yes, it is no'],
    },
    '7 events are not published, the oldest for 2 min': { outbox: { count: 7, since: ago(2) } },
    'The sweeper lags: 7 looks are overdue, one for 2 min': { due: { count: 7, since: ago(2) } },
    [`The gateway cannot be reached for merchant ${PARTNER}`]: { gates: gate ? [{ ...gate, breaker: 'shut' }] : [] },
    [`Merchant ${PARTNER} has no balance`]: { gates: gate ? [{ ...gate, balance: 'probing' }] : [] },
    'Queue refund is paused refundctl resume refund --reason TEXT': {
      queues: queue ? [{ ...queue, paused: true }] : [],
    },
    '2 completion events failed at the subscriber of refund-completed': {
      queues: queue ? [{ ...queue, name: 'refund-completed', jobs: { ...queue.jobs, failed: 2 } }] : [],
    },
    'A job has been waiting in refund for 6 min': { queues: queue ? [{ ...queue, oldestWaiting: ago(6) }] : [] },
  }

  test.for(Object.entries(cases))('%s', async ([line, changes]) => {
    const page = textOf(await pageOf(quietOverview({ now, ...changes })))
    expect(page).toContain(line)
    expect(page.indexOf(line)).toBeLessThan(page.indexOf('Oldest open'))
    expect(page).toContain('One thing needs attention')
    expect(page).not.toContain('All well')
  })

  test('the worst first', async () => {
    const page = textOf(await pageOf(quietOverview({ held: some, unmatched: 1 })))
    expect(page.indexOf('nobody asked us for')).toBeLessThan(page.indexOf('Held for a person'))
  })

  test('what is young is no problem yet', async () => {
    const page = await pageOf(
      quietOverview({
        now,
        oldestUnknown: { ...refund, since: ago(10) },
        outbox: { count: 2, since: now - 900 },
        due: { count: 9, since: now - 900 },
        queues: queue ? [{ ...queue, oldestWaiting: ago(1) }] : [],
      }),
    )
    expect(page).toContain('All well')
  })
})

test('no text of others becomes part of the page', async () => {
  const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>`
  const [queue] = quietOverview().queues
  const page = await pageOf(
    quietOverview({
      stopped: { by: evil, at: Date.now(), reason: evil },
      oldestOpen: { oid_partner: evil, no_refund: evil, since: 0 },
      oldestUnknown: { oid_partner: evil, no_refund: evil, since: 0 },
      gates: [{ oid_partner: evil, breaker: 'shut', balance: 'shut', stopped: { by: evil, at: 1, reason: evil } }],
      alive: [{ host: evil, pid: 1, roles: [evil], seen: 1 }],
      operations: [{ at: 1, by: evil, action: evil, reason: evil }],
      lastHour: { [`submit:${evil}:${evil}`]: 1, [`notice:${evil}`]: 1, [`event:${evil}`]: 1 },
      queues: queue ? [{ ...queue, name: evil }] : [],
      durabilityFaults: [evil],
    }),
  )
  expect(page).not.toMatch(/<script|<img|onerror='/)
  expect(page).toContain('&lt;script&gt;alert(1)')
})

test('while Redis is away the page says so and asks again', async () => {
  const { get } = await startAdmin({ overview: () => Promise.reject(new Error('redis://:password@db')) })
  const answer = await get('/')
  expect(answer.status).toBe(503)
  const page = await answer.text()
  expect(page).toContain('Redis does not answer')
  expect(page).toContain('http-equiv="refresh"')
  expect(page).not.toContain('password')
})

test('a Redis that is silent keeps nobody waiting', async () => {
  const { get } = await startAdmin({ overview: () => new Promise(() => {}) })
  expect((await get('/')).status).toBe(503)
})

test('settings that cannot be taken over, merchants in none, and keys out of use are told at once', async () => {
  const now = Date.now()
  const key = (fingerprint: string, facts: object) => ({
    oid_partner: PARTNER,
    use: 'verify' as const,
    fingerprint,
    place: 0,
    since: now - 90 * 86_400_000,
    seen: now,
    times: 1,
    ...facts,
  })
  const loaded = [
    { process: 'a:1:all', at: now - 3_600_000, digest: 'new', faults: 0 },
    { process: 'b:2:submit', at: now - 7_200_000, digest: 'old', faults: 3, failedSince: now - 3_600_000 },
  ]
  const keys = [key('sha256:new', { last: now }), key('sha256:old', { last: now - 8 * 86_400_000 })]
  const view = quietOverview({ now, loaded, keys, unconfigured: [{ oid_partner: '201408071000001543', refunds: 12 }] })
  const page = textOf(await pageOf(view))
  expect(page).toContain('4 things need attention')
  expect(page).toContain('Merchant 201408071000001543 is in no settings: 12 refunds of it wait')
  expect(page).toContain('The settings that b:2:submit should take over have 3 faults for 1 h')
  expect(page).toContain('Processes work with 2 different settings of merchants refundctl keys')
  expect(page).toContain(`LianLian's key sha256:old of merchant ${PARTNER} verifies nothing any more refundctl keys`)
  const dropped = [key('sha256:new', {}), key('sha256:old', { last: now - 7_200_000, seen: now - 3_600_000 })]
  expect(textOf(await pageOf(quietOverview({ now, keys: dropped })))).toContain(
    `LianLian's key sha256:old of merchant ${PARTNER} was dropped, and no other has verified anything since`,
  )
})
