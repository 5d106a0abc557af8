import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import type { Fleet } from '../e2e/fleet.ts'
import { gatewayKeys, merchantKeys } from '../e2e/settings.ts'
import { eventually } from '../support/eventually.ts'
import { keyTextIn, ONE, oneEntry, startPlatform, TWO } from './merchants-file.ts'

// each test starts processes, and waits for the clock by which they look at their files
vi.setConfig({ testTimeout: 60_000 })

const RELOADED = 'settings loaded anew'
const FAULTY = 'the settings have faults: what was loaded before stays'
const simulator = {
  merchants: [
    { oid_partner: ONE, publicKey: merchantKeys.publicKey },
    { oid_partner: TWO, publicKey: merchantKeys.publicKey },
  ],
}
const SLOWLY = { timeoutMs: 20_000, intervalMs: 200 }
const metricsOf = async ({ adminUrl }: Fleet) => (await fetch(`${adminUrl}/metrics`)).text()
const two = { ...oneEntry, oid_partner: TWO }

test('a merchant that is added works without a restart, with what the file says of it', async () => {
  const { fleet, write, said } = await startPlatform([oneEntry], { simulator })
  await fleet.add({ no_refund: 'first' })
  await fleet.event('first')
  write([
    oneEntry,
    { ...two, kind: 'exchange', gateway: { exchangeRefundUrl: `${fleet.simulator.url}/exchangerefund.htm?two` } },
  ])
  await said(RELOADED, 1)
  await fleet.add({ no_refund: 'second', oid_partner: TWO })
  await eventually(async () => (await fleet.events('second')).length > 0)
  expect(fleet.submits('second').map(({ path }) => path)).toEqual(['/exchangerefund.htm'])
  const { failedReason } = await eventually(async () => {
    const id = await fleet.add({ no_refund: 'whose' })
    const job = await eventually(async () => (await fleet.refunds.getFailed()).find((each) => each.id === id) ?? false)
    return job
  })
  expect(failedReason).toContain('oid_partner: required, as not exactly one merchant is configured')
})

test('the refunds of a merchant that is taken out wait, without a look, and go on when it is back', async () => {
  const query = Array.from({ length: 1_000 }, () => 'http_500' as const)
  const { fleet, write, said } = await startPlatform([oneEntry, two], {
    simulator: { ...simulator, scripts: { open: { submit: ['accept_then_drop'], query, notify: ['lost'] } } },
  })
  await fleet.add({ no_refund: 'open', oid_partner: TWO })
  await eventually(() => fleet.queries('open').length > 0, { timeoutMs: 10_000 })
  write([oneEntry])
  await said(RELOADED, 1)
  await sleep(500)
  const asked = fleet.queries('open').length + fleet.submits('open').length
  await eventually(async () => (await metricsOf(fleet)).includes('\nrefund_unconfigured_refunds 1\n'), SLOWLY)
  expect(await (await fetch(`${fleet.adminUrl}/`)).text()).toContain(`Merchant ${TWO} is in no settings`)
  await sleep(500)
  expect(fleet.queries('open').length + fleet.submits('open').length).toBe(asked)
  fleet.simulator.script('open', {})
  write([oneEntry, two])
  await said(RELOADED, 2)
  const [event] = await eventually(async () => {
    const events = await fleet.events('open')
    return events.length > 0 && events
  })
  expect(event?.type).toBe('refund.succeeded')
  expect(fleet.simulator.summary().doubled).toEqual([])
})

test('a broken file keeps what was loaded before, and every fault is told in the log, on the page and as a metric', async () => {
  const { fleet, write, writeText, said } = await startPlatform([oneEntry], { simulator })
  writeText(
    JSON.stringify({
      merchants: [
        { ...oneEntry, privateKey: 'no key' },
        { oid_partner: TWO, privateKeyFile: 'away.pem' },
      ],
    }),
  )
  await said(FAULTY, 1)
  const [line] = fleet.workers.flatMap((worker) => worker.log().filter(({ msg }) => msg === FAULTY))
  expect(line).toMatchObject({
    level: 'error',
    faults: [
      'MERCHANTS_FILE: merchants[0].privateKey: not an RSA private key',
      'MERCHANTS_FILE: merchants[1].privateKeyFile: cannot read the file that it names (ENOENT)',
    ],
  })
  await fleet.add({ no_refund: 'as-before' })
  expect((await fleet.event('as-before')).type).toBe('refund.succeeded')
  await eventually(
    async () =>
      (await (await fetch(`${fleet.adminUrl}/metrics`)).text()).includes('\nrefund_settings_reload_failed 1\n'),
    { timeoutMs: 10_000, intervalMs: 200 },
  )
  expect(await (await fetch(`${fleet.adminUrl}/`)).text()).toMatch(
    /The settings that \S+ should take over have 2 faults/,
  )
  write([oneEntry])
  await said(RELOADED, 1)
  await eventually(
    async () =>
      (await (await fetch(`${fleet.adminUrl}/metrics`)).text()).includes('\nrefund_settings_reload_failed 0\n'),
    { timeoutMs: 10_000, intervalMs: 200 },
  )
  expect(keyTextIn(fleet, [merchantKeys.privateKey])).toBe(false)
})

test('a key file that changes is taken over too, and SIGHUP is heeded where one merchant stands in the environment', async () => {
  const { fleet, path, said } = await startPlatform(
    [{ ...oneEntry, privateKey: undefined, privateKeyFile: 'own.pem' }],
    {
      programs: [],
      simulator,
    },
  )
  const file = path.replace('merchants.json', 'own.pem')
  writeFileSync(file, merchantKeys.privateKey)
  const alone = { LIANLIAN_OID_PARTNER: ONE, LIANLIAN_PRIVATE_KEY_FILE: file, MERCHANTS_FILE: '' }
  await Promise.all([fleet.start('all'), fleet.start('submit', alone)])
  writeFileSync(file, `${merchantKeys.privateKey}\n`)
  await said(RELOADED, 1)
  fleet.workers[1]?.signal('SIGHUP')
  await eventually(() => (fleet.workers[1]?.log() ?? []).filter(({ msg }) => msg === RELOADED).length === 2)
  await fleet.add({ no_refund: 'after' })
  expect((await fleet.event('after')).type).toBe('refund.succeeded')
})

test("a merchant's notifications are taken from its own senders alone", async () => {
  const { fleet } = await startPlatform(
    [
      { ...oneEntry, allowFrom: ['10.0.0.0/8'] },
      { ...two, allowFrom: ['127.0.0.1'] },
    ],
    {
      simulator,
      settings: { QUERY_DELAYS_MS: '60000' },
    },
  )
  const status = async (oid_partner: string) =>
    fleet.simulator.sendNotification(fleet.notifyUrl, {
      oid_partner,
      sign_type: 'RSA',
      no_refund: 'unknown',
      dt_refund: '20130515094013',
      money_refund: '1.00',
      sta_refund: '2',
    })
  expect(await status(ONE)).toBe(false)
  expect(await status(TWO)).toBe(true)
  expect(gatewayKeys.publicKey).toBe(fleet.simulator.publicKey)
})
