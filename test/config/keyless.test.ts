import { expect, test } from 'vitest'
import { loadOperatorSettings, loadSettings } from '../../config/load.ts'
import { faultsOf, least, settingsOf } from './environment.ts'

const { LIANLIAN_PRIVATE_KEY: _key, ...keyless } = least
const nowhere = (path: string): string => {
  throw new Error(`${path} was read`)
}

test('a process that never signs starts without a private key, and one that signs does not', () => {
  const loaded = loadSettings(keyless, { signs: false })
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  expect(loaded.settings.merchants).toEqual([
    { oid_partner: least.LIANLIAN_OID_PARTNER, publicKeys: settingsOf().merchants[0].publicKeys },
  ])
  const signing = loadSettings(keyless)
  expect(signing).toEqual({
    ok: false,
    faults: ['LIANLIAN_PRIVATE_KEY: required, or LIANLIAN_PRIVATE_KEY_FILE'],
  })
})

test('a process that never signs, and a tool of a person, read no private key, also where one is given', () => {
  const given = { ...keyless, LIANLIAN_PRIVATE_KEY_FILE: 'private.pem' }
  const options = { readFile: nowhere, signs: false }
  expect(loadSettings(given, options)).toMatchObject({ ok: true })
  expect(loadOperatorSettings(given, { readFile: nowhere })).toMatchObject({ ok: true })
  const loaded = loadSettings({ ...least, LIANLIAN_PRIVATE_KEY: 'of no form' }, options)
  expect(loaded.ok && loaded.settings.merchants[0]).not.toHaveProperty('privateKey')
  const config = loadSettings(
    { ...keyless, CONFIG_FILE: 'settings.json' },
    {
      signs: false,
      readFile: (path) => (path === 'settings.json' ? '{"LIANLIAN_PRIVATE_KEY_FILE":"private.pem"}' : nowhere(path)),
    },
  )
  expect(config).toMatchObject({ ok: true })
})

test('it reads the public keys of the file of merchants, and leaves the private ones alone', () => {
  const read: string[] = []
  const file = {
    merchants: [
      { oid_partner: '201103171000000000', privateKeyFile: 'own.pem', publicKeyFile: 'theirs.pem' },
      { oid_partner: '201408071000001543', privateKey: 'a private key' },
      { oid_partner: '201408071000001544' },
    ],
  }
  const readFile = (path: string) => {
    read.push(path)
    return path === 'merchants.json' ? JSON.stringify(file) : `content of ${path}`
  }
  const env = { REDIS_URL: least.REDIS_URL, MERCHANTS_FILE: 'merchants.json' }
  const loaded = loadSettings(env, { readFile, signs: false })
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  expect(read.map((path) => path.split('/').at(-1))).toEqual(['merchants.json', 'theirs.pem'])
  expect(loaded.settings.merchants.map(({ privateKey }) => privateKey)).toEqual([undefined, undefined, undefined])
  expect(loaded.settings.merchants[0].publicKeys).toMatch(/^content of .*theirs\.pem$/)
  expect(faultsOf({ LIANLIAN_OID_PARTNER: '', LIANLIAN_PRIVATE_KEY: '', ...env }, { readFile })).toEqual([
    'MERCHANTS_FILE: merchants[2].privateKey: required, or privateKeyFile',
  ])
})

test('whatever else is wrong stops a process that never signs as well', () => {
  expect(loadSettings({ ...keyless, GATEWAY_TIMEOUT_MS: '5s' }, { signs: false })).toMatchObject({ ok: false })
  expect(loadSettings({}, { signs: false })).toEqual({
    ok: false,
    faults: [
      'REDIS_URL: required, or REDIS_CLUSTER_NODES, or REDIS_SENTINELS',
      'LIANLIAN_OID_PARTNER: required, or MERCHANTS_FILE',
    ],
  })
})
