import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { type Fields, notification, post } from './notification.ts'
import { merchantKeys, PARTNER } from './settings.ts'

const ACKNOWLEDGED = '{"ret_code":"0000","ret_msg":"ok"}'

describe('the receiver', () => {
  let fleet: Fleet
  beforeAll(async () => {
    fleet = await startFleet({
      settings: { QUERY_DELAYS_MS: '60000', HOLD_LOOK_MS: '60000' },
      // taken and then never final by itself: only what a test says can settle a refund
      simulator: { settleMs: 100_000 },
    })
  })
  afterAll(async () => await fleet?.stop())

  /** A refund that the gateway works on, as its true notification would tell of it. */
  async function processing(no_refund: string): Promise<Fields> {
    const id = await fleet.add({ no_refund, money_refund: '200.01' })
    await eventually(async () => expect(await fleet.refunds.getJobState(id)).toBe('completed'))
    const { dt_refund = '' } = fleet.submits(no_refund)[0]?.fields ?? {}
    return {
      oid_partner: PARTNER,
      no_refund,
      dt_refund,
      money_refund: '200.01',
      oid_refundno: '2026112200000001',
      sta_refund: '2',
      settle_date: '20261122',
    }
  }

  /** The whole record, to see that a refused message has changed nothing at all. */
  const record = async (no_refund: string) =>
    await fleet.redis.get(`${fleet.settings.LEDGER_PREFIX}:r:${PARTNER}:${no_refund}`)

  const notify = async (body: string, headers?: Fields) => await post(fleet.notifyUrl, body, headers)

  test('acknowledges the true notification byte for byte, and the refund is settled', async () => {
    const fields = await processing('valid')
    const answer = await notify(notification(fields))
    expect(answer).toMatchObject({ status: 200, body: ACKNOWLEDGED })
    expect(answer.type).toContain('application/json')
    expect((await fleet.standing('valid'))?.state).toBe('succeeded')
    expect(await fleet.event('valid')).toMatchObject({
      type: 'refund.succeeded',
      data: { settled_by: 'notification', oid_refundno: '2026112200000001', settle_date: '20261122' },
    })
  })

  test('acknowledges duplicates, in parallel and later, with one event in all', async () => {
    const body = notification(await processing('duplicates'))
    const answers = await Promise.all(Array.from({ length: 20 }, async () => await notify(body)))
    await fleet.event('duplicates')
    answers.push(await notify(body))
    expect(new Set(answers.map(({ status, body: text }) => `${status} ${text}`))).toEqual(
      new Set([`200 ${ACKNOWLEDGED}`]),
    )
    expect(await fleet.events('duplicates')).toHaveLength(1)
  })

  test('acknowledges an older status after the final one and changes nothing', async () => {
    const fields = await processing('stale')
    await notify(notification(fields))
    await fleet.event('stale')
    const before = await record('stale')
    const older = { ...fields, settle_date: '', sta_refund: '1' }
    expect(await notify(notification(older))).toMatchObject({ status: 200, body: ACKNOWLEDGED })
    expect(await record('stale')).toEqual(before)
  })

  test.each(['text/json', 'application/json', 'application/json; charset=utf-8', 'text/json;charset=UTF-8'])(
    'takes the media type %s',
    async (type) => {
      const no_refund = `type-${type.replaceAll(/[^a-zA-Z0-9]/g, '-')}`.slice(0, 32)
      const answer = await notify(notification(await processing(no_refund)), { 'content-type': type })
      expect(answer).toMatchObject({ status: 200, body: ACKNOWLEDGED })
      expect((await fleet.standing(no_refund))?.state).toBe('succeeded')
    },
  )

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'text/html', 'application/xml'])(
    'refuses the media type %s with 415',
    async (type) => {
      const before = await fleet.standing('refused')
      expect((await notify('{}', { 'content-type': type })).status).toBe(415)
      expect(await fleet.standing('refused')).toEqual(before)
    },
  )

  test('refuses a body over 64 KiB with 413, and takes one just below', async () => {
    const fields = await processing('large')
    const padded = (bytes: number) => {
      const body = notification(fields)
      return `${body}${' '.repeat(bytes - Buffer.byteLength(body))}`
    }
    const before = await record('large')
    expect((await notify(padded(64 * 1024 + 1))).status).toBe(413)
    expect(await record('large')).toEqual(before)
    expect(await notify(padded(64 * 1024))).toMatchObject({ status: 200, body: ACKNOWLEDGED })
  })

  describe('refuses with 1001 and stores nothing:', () => {
    let fields: Fields
    let before: string | null
    beforeAll(async () => {
      fields = await processing('forged')
      before = await record('forged')
    })
    const cases: Record<string, () => string> = {
      'another signature': () => JSON.stringify({ ...fields, sign_type: 'RSA', sign: 'AAAA' }),
      "another key's signature": () => notification(fields, merchantKeys.privateKey),
      'a changed amount': () => notification(fields).replace('200.01', '200.02'),
      'a changed status': () => notification(fields).replace('"sta_refund":"2"', '"sta_refund":"3"'),
      'an added field': () => notification(fields).replace('{', '{"added":"1",'),
      'no signature': () => JSON.stringify({ ...fields, sign_type: 'RSA' }),
      'an empty signature': () => JSON.stringify({ ...fields, sign_type: 'RSA', sign: '' }),
      'an unknown merchant': () => notification({ ...fields, oid_partner: '201103171000000999' }),
      'no merchant': () => notification({ ...fields, oid_partner: '' }),
      'the signature type MD5': () => notification(fields).replace('"RSA"', '"MD5"'),
    }
    test.each(Object.keys(cases))('%s', async (name) => {
      const answer = await notify(cases[name]?.() ?? '')
      expect(answer.status).toBe(400)
      expect(answer.body).toMatch(/^\{"ret_code":"1001","ret_msg":"[^"]+"\}$/)
      expect(await record('forged')).toEqual(before)
    })
  })

  test.each(['', 'no json', '[]', 'null', '"text"', '{"a":', '{"a":{"b":"c"}}', '{"a":"1","a":"2"}', '\u0000', '123'])(
    'refuses the unreadable body %j with 1012',
    async (body) => {
      const answer = await notify(body)
      expect(answer.status).toBe(400)
      expect(answer.body).toMatch(/^\{"ret_code":"1012","ret_msg":".+"\}$/)
    },
  )

  test('refuses broken UTF-8, and a signed message without a usable number, with 1012', async () => {
    const { no_refund: _number, ...fields } = await processing('numberless')
    expect((await notify(notification(fields))).body).toContain('"ret_code":"1012"')
  })

  test('acknowledges another amount and holds the refund', async () => {
    const fields = await processing('amount')
    expect(await notify(notification({ ...fields, money_refund: '200.02' }))).toMatchObject({
      status: 200,
      body: ACKNOWLEDGED,
    })
    expect(await fleet.standing('amount')).toMatchObject({ state: 'processing', holds: ['amount_mismatch'] })
    expect(await fleet.events('amount')).toEqual([])
  })

  test('compares amounts as numbers: 200.1 is 200.10', async () => {
    const id = await fleet.add({ no_refund: 'number', money_refund: '200.10' })
    await eventually(async () => expect(await fleet.refunds.getJobState(id)).toBe('completed'))
    const { dt_refund = '' } = fleet.submits('number')[0]?.fields ?? {}
    const fields = { oid_partner: PARTNER, no_refund: 'number', dt_refund, money_refund: '200.1', sta_refund: '2' }
    expect(await notify(notification(fields))).toMatchObject({ status: 200, body: ACKNOWLEDGED })
    expect((await fleet.standing('number'))?.state).toBe('succeeded')
  })

  test('acknowledges another dt_refund and holds the refund', async () => {
    const fields = await processing('time')
    expect(await notify(notification({ ...fields, dt_refund: '20200101000000' }))).toMatchObject({
      status: 200,
      body: ACKNOWLEDGED,
    })
    expect(await fleet.standing('time')).toMatchObject({ state: 'processing', holds: ['amount_mismatch'] })
  })

  test('acknowledges an unknown number and keeps it for a person', async () => {
    const fields = { oid_partner: PARTNER, no_refund: 'nobody', dt_refund: '20261120000000', money_refund: '1.00' }
    const body = notification({ ...fields, sta_refund: '2' })
    expect(await notify(body)).toMatchObject({ status: 200, body: ACKNOWLEDGED })
    expect(await notify(body)).toMatchObject({ status: 200, body: ACKNOWLEDGED })
    expect(await fleet.redis.xlen(`${fleet.settings.LEDGER_PREFIX}:unmatched`)).toBe(1)
    expect(await fleet.standing('nobody')).toBeUndefined()
    const warned = fleet.workers.flatMap((worker) => worker.log()).filter((line) => line.no_refund === 'nobody')
    expect(warned.map(({ level }) => level)).toContain('warn')
  })

  test('a job for a number that was notified before it is asked about first, never sent first', async () => {
    const dt_refund = '20261120010000'
    const fields = { oid_partner: PARTNER, no_refund: 'early', dt_refund, money_refund: '1.00', sta_refund: '2' }
    await notify(notification(fields))
    await fleet.add({ no_refund: 'early' })
    await eventually(() => expect(fleet.queries('early').length).toBeGreaterThan(0))
    expect(fleet.queries('early')[0]?.fields.dt_refund).toBe(dt_refund)
    expect(await fleet.held('early')).toMatchObject({ holds: ['contradiction'] })
    expect(fleet.submits('early')).toEqual([])
    expect(fleet.moved('early')).toBe(0)
  })

  test.each([
    ['money_refund', 'without-amount'],
    ['sta_refund', 'without-status'],
  ] as const)(
    'acknowledges a message without %s, which settles nothing but a query at once',
    async (missing, no_refund) => {
      const { [missing]: _gone, ...fields } = await processing(no_refund)
      expect(fleet.queries(no_refund)).toEqual([])
      expect(await notify(notification(fields))).toMatchObject({ status: 200, body: ACKNOWLEDGED })
      expect((await fleet.standing(no_refund))?.state).toBe('processing')
      await eventually(() => expect(fleet.queries(no_refund).length).toBeGreaterThan(0), { timeoutMs: 5000 })
      expect(await fleet.events(no_refund)).toEqual([])
    },
  )

  test('serves nothing else', async () => {
    const answers = await Promise.all([
      post(fleet.notifyUrl, '', {}, 'GET'),
      post(fleet.notifyUrl, '', {}, 'PUT'),
      post(fleet.notifyUrl.replace('/notifications/refund', '/'), '', {}, 'GET'),
      post(`${fleet.notifyUrl}/more`, '{}'),
      post(fleet.notifyUrl.replace('refund', 'Refund'), '{}'),
    ])
    for (const { status } of answers) expect([404, 405]).toContain(status)
  })

  describe('with RECEIVER_ALLOW_FROM', () => {
    /** One more receiver, with other settings, and the number of a refund that only it is told of. */
    async function receiver(settings: Fields): Promise<(headers?: Fields) => Promise<number | undefined>> {
      const port = String(await freePort())
      await fleet.start('receive', {
        RECEIVER_ALLOW_FROM: '115.236.102.36,10.0.0.0/8',
        RECEIVER_PORT: port,
        ...settings,
      })
      const url = `http://127.0.0.1:${port}/notifications/refund`
      const body = notification({
        oid_partner: PARTNER,
        no_refund: `at-${port}`,
        money_refund: '1.00',
        sta_refund: '2',
      })
      return async (headers) => (await post(url, body, headers)).status
    }

    test('other senders get 403, also with a true signature, whoever they say that they are', async () => {
      const send = await receiver({})
      const kept = await fleet.redis.xlen(`${fleet.settings.LEDGER_PREFIX}:unmatched`)
      expect(await send()).toBe(403)
      expect(await send({ 'x-forwarded-for': '10.1.2.3' })).toBe(403)
      expect(await fleet.redis.xlen(`${fleet.settings.LEDGER_PREFIX}:unmatched`)).toBe(kept)
    })

    test('senders behind a proxy of TRUST_PROXY are known by what the proxy says', async () => {
      const send = await receiver({ TRUST_PROXY: '127.0.0.1/32' })
      expect(await send({ 'x-forwarded-for': '10.1.2.3' })).toBe(200)
      expect(await send({ 'x-forwarded-for': '192.0.2.1' })).toBe(403)
      expect(await send({ 'x-forwarded-for': '10.1.2.3, 192.0.2.1' }), 'the last hop alone is told by the proxy').toBe(
        403,
      )
      expect(await send()).toBe(403)
    })
  })
})
