import { expect, test } from 'vitest'
import { loadOperatorSettings } from '../../config/load.ts'
import { least, settingsOf } from './environment.ts'

const { REDIS_URL, LIANLIAN_OID_PARTNER } = least

test("a person's tool needs Redis and the merchant's number, and no key", () => {
  const loaded = loadOperatorSettings({ REDIS_URL, LIANLIAN_OID_PARTNER })
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  expect(loaded.settings.merchants).toEqual([{ oid_partner: LIANLIAN_OID_PARTNER }])
  expect(loaded.settings.policy).toEqual(settingsOf().policy)
  expect(loadOperatorSettings({})).toEqual({
    ok: false,
    faults: ['REDIS_URL: required, or REDIS_CLUSTER_NODES, or REDIS_SENTINELS', 'LIANLIAN_OID_PARTNER: required'],
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
