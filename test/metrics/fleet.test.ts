import { expect, test } from 'vitest'
import { promtool } from '../deploy/tool.ts'
import { type Fleet, startFleet } from '../e2e/fleet.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { startOwnRedis } from '../support/own-redis.ts'
import { figures, type ReadFamily, readExposition } from './exposition.ts'

const scrape = async (fleet: Fleet) => fetch(`${fleet.adminUrl}/metrics`)

async function families(fleet: Fleet): Promise<readonly ReadFamily[]> {
  const answer = await scrape(fleet)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  return readExposition(await answer.text())
}

test('a real fleet tells what it did with its refunds, and promtool takes every word of it', async () => {
  const fleet = await startFleet({ settings: { MAX_REFUND: '10.00' } })
  cleanUp(() => fleet.stop())
  await fleet.add({ no_refund: 'one', money_refund: '2.50' })
  await fleet.add({ no_refund: 'two', money_refund: '0.07' })
  await fleet.add({ no_refund: 'large', money_refund: '50.00' })
  await fleet.add({ no_refund: 'bad', money_refund: 'much' })
  for (const no_refund of ['one', 'two', 'bad']) await fleet.event(no_refund)
  await fleet.held('large')
  await fetch(fleet.notifyUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ oid_partner: fleet.settings.LIANLIAN_OID_PARTNER, no_refund: 'one', sign: 'forged' }),
  })
  const text = await eventually(async () => {
    const answer = await (await scrape(fleet)).text()
    return answer.includes('refund_events_published_total 3\n') && answer
  })
  const read = readExposition(text)
  const of = (name: string) => figures(read, name)
  expect(of('refund_refunds')).toMatchObject({ 'state="succeeded"': 2, 'state="waiting"': 1, 'state="rejected"': 1 })
  expect(of('refund_refunds_fen')).toMatchObject({ 'state="succeeded"': 257, 'state="waiting"': 5_000 })
  expect(of('refund_holds_fen')).toMatchObject({ 'reason="cap"': 5_000 })
  expect(of('refund_held_fen')).toEqual({ '': 5_000 })
  expect(of('refund_gateway_calls_total')).toMatchObject({ 'call="submit",outcome="accepted",ret_code="0000"': 2 })
  expect(of('refund_gateway_call_duration_seconds_count')).toMatchObject({ 'call="submit",outcome="accepted"': 2 })
  expect(of('refund_settle_duration_seconds_count')).toMatchObject({ 'state="succeeded"': 2, 'state="rejected"': 1 })
  expect(of('refund_events_total')).toMatchObject({ 'type="refund.succeeded"': 2, 'type="refund.rejected"': 1 })
  expect(of('refund_notifications_total')).toMatchObject({ 'result="bad_signature"': 1 })
  expect(of('refund_workers')).toMatchObject({ 'role="submit"': 1, 'role="admin"': 1 })
  expect(of('bullmq_job_count')['queue="refund-completed",state="waiting"']).toBe(3)
  if (!promtool.missing) expect(promtool.run(['check', 'metrics'], text)).toEqual({ code: 0, output: '' })
})

test('a scrape that cannot read Redis is answered 503, and the next that can is whole again', async () => {
  const redis = await startOwnRedis()
  cleanUp(() => redis.stop())
  const fleet = await startFleet({ redisUrl: redis.url })
  cleanUp(() => fleet.stop())
  await families(fleet)
  await redis.kill()
  const away = await scrape(fleet)
  expect(away.status).toBe(503)
  expect(await away.text()).not.toContain('refund_')
  await redis.restart()
  await eventually(async () => (await scrape(fleet)).status === 200)
  redis.freeze()
  try {
    expect((await scrape(fleet)).status).toBe(503)
  } finally {
    redis.thaw()
  }
  await eventually(async () => (await scrape(fleet)).status === 200)
  expect(figures(await families(fleet), 'refund_fleet_stopped')).toEqual({ '': 0 })
})
