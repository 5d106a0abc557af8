import { afterAll, beforeAll, expect, test } from 'vitest'
import { start } from '../cli/refundctl.ts'
import { eventually } from '../support/eventually.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { notification, post } from './notification.ts'
import { merchantKeys, PARTNER } from './settings.ts'

let fleet: Fleet
beforeAll(async () => {
  fleet = await startFleet()
})
afterAll(async () => await fleet?.stop())

const request = (no_refund: string) => ({
  no_refund,
  money_refund: '1.00',
  no_order: `o-${no_refund}`,
  dt_refund: '20261120093000',
})

/** What another system, under the same merchant, has sent before. */
async function sendElsewhere(no_refund: string): Promise<void> {
  fleet.simulator.script(no_refund, { notify: ['lost'] })
  const fields = { ...request(no_refund), oid_partner: PARTNER, notify_url: fleet.notifyUrl }
  const { body } = await post(`${fleet.simulator.url}/refund.htm`, notification(fields, merchantKeys.privateKey), {
    'content-type': 'application/json;charset=UTF-8',
  })
  expect(JSON.parse(body)).toMatchObject({ ret_code: '0000' })
}

async function bring(numbers: readonly string[], ...options: string[]): Promise<void> {
  const lines = numbers.map((no_refund) => `${JSON.stringify(request(no_refund))}\n`).join('')
  const say = ['--yes', '--reason', 'moving in', ...options]
  const { code, err } = await start(['import', '-', ...say], fleet.settings, lines).ended
  expect(code, err).toBe(0)
}

test('what the other system had sent is settled by query, what it had not is sent once', async () => {
  await sendElsewhere('sent')
  await bring(['sent', 'unsent'])
  expect(await fleet.event('sent')).toMatchObject({
    type: 'refund.succeeded',
    data: { settled_by: 'query', attempts: 0 },
  })
  expect(await fleet.event('unsent')).toMatchObject({ type: 'refund.succeeded', data: { attempts: 1 } })
  expect(fleet.submits('sent')).toHaveLength(1)
  expect([fleet.moved('sent'), fleet.moved('unsent')]).toEqual([1, 1])
  expect(fleet.submits('unsent')[0]?.fields.dt_refund).toBe('20261120093000')
})

test('with --ask-only nothing is sent: what the gateway denies waits for a person', async () => {
  await bring(['denied'], '--ask-only')
  expect(await fleet.held('denied')).toMatchObject({ state: 'unknown', holds: ['contradiction'] })
  await eventually(() => fleet.queries('denied').length >= 2)
  expect(fleet.submits('denied')).toEqual([])
})
