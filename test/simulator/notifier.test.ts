import { expect, test } from 'vitest'
import type { NotifyFault } from '../../src/simulator/faults.ts'
import type { Message } from './merchant.ts'
import { call, isSigned, receiver, refund, simulator, submit } from './merchant.ts'

test('a final refund is notified: text/json, signed, with the fields of the documents, until acknowledged', async () => {
  const gateway = await simulator()
  const shop = await receiver((index) => (index < 2 ? { status: 503 } : {}))
  const asked = refund({ notify_url: shop.url })
  const { oid_refundno } = await submit(gateway, asked)
  await gateway.idle(5000)
  const { oid_partner, no_refund, dt_refund, money_refund } = asked
  expect(shop.notices).toHaveLength(3)
  for (const { type, fields } of shop.notices) {
    expect(type).toBe('text/json;charset=utf-8')
    expect(isSigned(fields, gateway.publicKey)).toBe(true)
    expect(fields).toEqual({
      oid_partner,
      no_refund,
      dt_refund,
      money_refund,
      oid_refundno,
      sta_refund: '2',
      settle_date: expect.stringMatching(/^\d{8}$/),
      sign_type: 'RSA',
      sign: expect.any(String),
    })
  }
  expect(gateway.summary().notifications).toMatchObject({ sent: 3, refused: 2, acknowledged: 1, open: 0 })
})

test('a failed refund is notified with 3, and an exchange refund with its rate, ret_code and ret_msg', async () => {
  const shop = await receiver()
  const failing = refund({ notify_url: shop.url })
  const gateway = await simulator({ scripts: { [failing.no_refund]: { final: '3' } } })
  await submit(gateway, failing)
  await call(gateway, '/exchangerefund.htm', refund({ notify_url: shop.url }))
  await gateway.idle(5000)
  const notices = shop.notices.map(({ fields }) => fields)
  expect(notices.find(({ no_refund }) => no_refund === failing.no_refund)).toMatchObject({ sta_refund: '3' })
  expect(notices.find(({ no_refund }) => no_refund !== failing.no_refund)).toMatchObject({
    ret_code: '0000',
    rate: '6.66',
    money_foreign_refund: '30.03',
  })
})

test.for([
  ['HTTP 200 with another ret_code', { body: '{"ret_code":"9999"}' }],
  ['HTTP 200 without JSON', { body: 'ok' }],
  ['HTTP 201', { status: 201 }],
  ['an acknowledgement after the deadline', { afterMs: 400 }],
] as const)('%s is no acknowledgement; after the repeats are spent none follows', async ([, answer]) => {
  const gateway = await simulator({ notifyMaxRepeats: 2, notifyRepeatMs: 5, notifyAckTimeoutMs: 100 })
  const shop = await receiver(() => answer)
  await submit(gateway, refund({ notify_url: shop.url }))
  await gateway.idle(5000)
  expect(shop.notices).toHaveLength(3)
  expect(gateway.summary().notifications).toMatchObject({ sent: 3, refused: 3, acknowledged: 0, given_up: 1 })
})

async function told(
  notify: readonly NotifyFault[],
): Promise<{ notices: Message[]; publicKey: string; counts: object }> {
  const gateway = await simulator({ scriptFor: () => ({ notify }) })
  // As the real receiver must: what does not verify is refused.
  const shop = await receiver((_, fields) => (isSigned(fields, gateway.publicKey) ? {} : { status: 400 }))
  await submit(gateway, refund({ notify_url: shop.url }))
  await gateway.idle(5000)
  const notices = shop.notices.map(({ fields }) => fields)
  return { notices, publicKey: gateway.publicKey, counts: gateway.summary().notifications }
}

test('lost: none is ever sent', async () => {
  expect((await told(['lost'])).notices).toEqual([])
})

test('first_lost: the repeat comes', async () => {
  expect((await told(['first_lost'])).notices).toHaveLength(1)
})

test('doubled and times_30: so many at once', async () => {
  expect((await told(['doubled'])).notices).toHaveLength(2)
  expect((await told(['times_30'])).notices).toHaveLength(30)
})

test('reordered: 1 after 2; contradictory: 3 after 2; both signed', async () => {
  const { notices, publicKey } = await told(['reordered', 'contradictory'])
  expect(notices.map(({ sta_refund }) => sta_refund)).toEqual(['2', '1', '3'])
  expect(notices.every((notice) => isSigned(notice, publicKey))).toBe(true)
})

test('forged: a false status under a real signature of another text comes first and is counted when believed', async () => {
  const { notices, publicKey, counts } = await told(['forged'])
  expect(notices.map(({ sta_refund }) => sta_refund)).toEqual(['3', '2'])
  expect(notices.map((notice) => isSigned(notice, publicKey))).toEqual([false, true])
  expect(counts).toMatchObject({ forged_sent: 1, forged_acknowledged: 0 })

  const believer = await receiver()
  const gateway = await simulator({ scriptFor: () => ({ notify: ['forged'] }) })
  await submit(gateway, refund({ notify_url: believer.url }))
  await gateway.idle(5000)
  expect(gateway.summary().notifications.forged_acknowledged).toBe(1)
})

test('wrong_amount and without_amount: signed, and about the amount only', async () => {
  const wrong = await told(['wrong_amount'])
  expect(wrong.notices).toMatchObject([{ money_refund: '200.02', sta_refund: '2' }])
  const without = await told(['without_amount'])
  expect(without.notices).toMatchObject([{ sta_refund: '2' }])
  expect(without.notices[0]).not.toHaveProperty('money_refund')
  for (const { notices, publicKey } of [wrong, without]) expect(isSigned(notices[0] ?? {}, publicKey)).toBe(true)
})

test('early: the notification is there before the submit is answered, and the answer still says 0', async () => {
  const gateway = await simulator({ scriptFor: () => ({ notify: ['early'] }) })
  const shop = await receiver()
  const answer = await submit(gateway, refund({ notify_url: shop.url }))
  expect(shop.notices).toMatchObject([{ fields: { sta_refund: '2' } }])
  expect(answer).toMatchObject({ ret_code: '0000', sta_refund: '0' })
  expect(gateway.book).toHaveLength(1)
})

test('late: the notification comes so much later than the final status', async () => {
  const gateway = await simulator({ settleMs: 0, scriptFor: () => ({ notify: [{ late: 300 }] }) })
  const shop = await receiver()
  const sent = performance.now()
  await submit(gateway, refund({ notify_url: shop.url }))
  expect(gateway.book).toHaveLength(1)
  await gateway.idle(5000)
  expect((shop.notices[0]?.at ?? 0) - sent).toBeGreaterThanOrEqual(299)
})

test('any notification can be sent by hand, signed or forged, for numbers that were never refunded', async () => {
  const gateway = await simulator()
  const shop = await receiver()
  const fields = { no_refund: 'never', sta_refund: '2' }
  expect(await gateway.sendNotification(shop.url, fields)).toBe(true)
  await gateway.sendNotification(shop.url, fields, true)
  expect(shop.notices.map((notice) => isSigned(notice.fields, gateway.publicKey))).toEqual([true, false])
})
