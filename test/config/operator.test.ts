import { expect, test } from 'vitest'
import { loadOperatorSettings, loadStoreSettings } from '../../config/load.ts'
import { least, settingsOf } from './environment.ts'

const { REDIS_URL, LIANLIAN_OID_PARTNER } = least

test("a person's tool needs Redis and the merchant's number, and no key", () => {
  const loaded = loadOperatorSettings({ REDIS_URL, LIANLIAN_OID_PARTNER })
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  expect(loaded.settings.merchants).toEqual([{ oid_partner: LIANLIAN_OID_PARTNER }])
  expect(loaded.settings.policy).toEqual(settingsOf().policy)
  expect(loadOperatorSettings({})).toEqual({
    ok: false,
    faults: [
      'REDIS_URL: required, or REDIS_CLUSTER_NODES, or REDIS_SENTINELS',
      'LIANLIAN_OID_PARTNER: required, or MERCHANTS_FILE',
    ],
  })
})

test('what is wrong with settings of workers alone is no fault of its, what it reads is', () => {
  const wrong = { LIANLIAN_PRIVATE_KEY_FILE: '/nowhere', RECEIVER_PORT: 'x', ADMIN_HOST: '0.0.0.0', TRUST_PROXY: '?' }
  expect(loadOperatorSettings({ REDIS_URL, LIANLIAN_OID_PARTNER, ...wrong })).toMatchObject({ ok: true })
  expect(loadOperatorSettings({ REDIS_URL, LIANLIAN_OID_PARTNER, HOLD_LOOK_MS: '5s' })).toMatchObject({
    ok: false,
    faults: [expect.stringMatching(/^HOLD_LOOK_MS: /)],
  })
})

test('a health check needs to know where Redis is, and no fault of anything else makes it fail', () => {
  const broken = { MERCHANTS_FILE: '/nowhere', RETRY_BASE_MS: 'x', ADMIN_HOST: '0.0.0.0' }
  const { redis, ledger } = settingsOf()
  expect(loadStoreSettings({ REDIS_URL, ...broken })).toMatchObject({ ok: true, settings: { redis, ledger } })
  expect(loadStoreSettings({ REDIS_URL, LEDGER_PREFIX: 'x' })).toMatchObject({
    ok: false,
    faults: [expect.stringMatching(/^LEDGER_PREFIX: /)],
  })
})
