import { generateKeyPairSync } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { describeSettings } from '../../config/effective.ts'
import { loadOperatorSettings, loadSettings } from '../../config/load.ts'
import { settingNames } from '../../config/schema.ts'
import { keyChecks } from '../../workers/key-checks.ts'
import { least } from '../config/environment.ts'
import { FAST, merchantKeys, PARTNER } from '../e2e/settings.ts'
import { runToEnd, startProgram } from '../e2e/worker-process.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { markOfText, marksOfKey } from './marks.ts'
import { streamsOf } from './outputs.ts'
import { secretsIn } from './scan.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
const bare = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
const PASSWORD = 'redis-pass-7Qk2vT9wXz'
const marks = [...marksOfKey('key', pkcs8), markOfText('password', PASSWORD)]
const KEYS: readonly (readonly [form: string, text: string])[] = [
  ['PKCS#8', pkcs8],
  ['PKCS#1', pkcs1],
  ['bare base64', bare],
  ['its second half', bare.slice(bare.length / 2)],
  ['a damaged PEM', pkcs8.slice(0, -120)],
  ['a PEM without lines', pkcs8.replaceAll('\n', '')],
  [
    'an encrypted PEM',
    privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD }).toString(),
  ],
]

/** All that is told of settings: faults, and the listing of refundctl. */
function toldOf(env: Readonly<Record<string, string>>, readFile?: (path: string) => string) {
  const options = { checks: keyChecks, ...(readFile && { readFile }) }
  const loaded = [loadSettings(env, options), loadOperatorSettings(env, options)]
  return {
    faults: loaded.flatMap((each) => (each.ok ? [] : each.faults)),
    text: JSON.stringify([
      loaded.map((each) => (each.ok ? each.warnings : each.faults)),
      describeSettings(env, readFile),
    ]),
  }
}

test.each(KEYS)('a private key as %s is told of by no setting that it is put into, nor by a file', (form, key) => {
  for (const name of settingNames) {
    const inPlace = toldOf({ ...least, [name]: key })
    const inFile = toldOf({ ...least, [name]: '', [`${name}_FILE`]: 'key.pem' }, () => key)
    const asPath = toldOf({ ...least, [name]: '', [`${name}_FILE`]: key })
    const texts = [inPlace, inFile, asPath].map(({ text }) => ({ where: `${name} as ${form}`, text }))
    expect(secretsIn(texts, marks)).toEqual([])
  }
})

test.each(KEYS)('a private key as %s is told of by no fault of a settings file', (form, key) => {
  const { LIANLIAN_PRIVATE_KEY: _, LIANLIAN_OID_PARTNER: __, ...rest } = least
  const entry = { oid_partner: PARTNER, privateKey: key }
  const files = [
    key,
    JSON.stringify({ merchants: [entry, entry], [key]: key, LIANLIAN_PRIVATE_KEY: key }),
    JSON.stringify({
      merchants: [{ ...entry, [key]: key, oid_partner: key, publicKey: key, notifyUrl: key, kind: key }],
    }),
    JSON.stringify({ merchants: [{ ...entry, privateKeyFile: key, rateLimit: { max: key, [key]: 1 } }] }),
    JSON.stringify({ merchants: [entry] }).slice(0, -4),
  ]
  for (const name of ['MERCHANTS_FILE', 'CONFIG_FILE']) {
    for (const content of files) {
      const { faults, text } = toldOf({ ...rest, [name]: 'file.json' }, () => content)
      expect(faults).not.toEqual([])
      expect(secretsIn([{ where: `${name} with ${form}`, text }], marks)).toEqual([])
    }
  }
})

test('the URL of a Redis is told of by no fault of a setting that it is put into', () => {
  for (const name of settingNames) {
    for (const url of [`redis://:${PASSWORD}@h:1`, `redis:/:${PASSWORD}@h`, `h:1,redis://u:${PASSWORD}@h:1`]) {
      const { faults } = toldOf({ ...least, [name]: url })
      expect(secretsIn([{ where: name, text: faults.join('\n') }], marks)).toEqual([])
    }
  }
})

const settings = {
  ...FAST,
  LIANLIAN_OID_PARTNER: PARTNER,
  LIANLIAN_PRIVATE_KEY: pkcs8,
  LIANLIAN_PUBLIC_KEY: merchantKeys.publicKey,
  LOG_LEVEL: 'trace',
}

test('a process that cannot start, or that dies of an error nobody expected, gives no secret away', {
  timeout: 60_000,
}, async () => {
  const url = new URL(inject('redisUrl'))
  url.username = 'nobody'
  url.password = PASSWORD
  const dies = (code: string) =>
    `--import=data:text/javascript,${encodeURIComponent(`setTimeout(() => { ${code} }, 900)`)}`
  const boom = 'throw Object.assign(new Error("boom"), { env: process.env.HOME })'
  const ended = await Promise.all([
    runToEnd('submit', { ...settings, REDIS_URL: url.href, LIANLIAN_PRIVATE_KEY: pkcs8.slice(0, -120) }),
    runToEnd('submit', { ...settings, REDIS_URL: url.href, NODE_OPTIONS: dies(boom) }),
    runToEnd('submit', { ...settings, REDIS_URL: url.href, NODE_OPTIONS: dies('Promise.reject(new Error("boom"))') }),
  ])
  expect(ended.map(({ code }) => code)).toEqual([1, 1, 1])
  expect(ended.map(({ stderr }) => /boom|not an RSA private key/.exec(stderr)?.[0])).toEqual([
    'not an RSA private key',
    'boom',
    'boom',
  ])
  const texts = ended.map(({ stdout, stderr }) => ({ where: 'a process that ended', text: stdout + stderr }))
  expect(secretsIn(texts, marks)).toEqual([])
})

test('a process that Redis turns away for its password says so, and not what it was', { timeout: 60_000 }, async () => {
  const url = new URL(inject('redisUrl'))
  url.username = 'nobody'
  url.password = PASSWORD
  const worker = startProgram('publish', { ...settings, REDIS_URL: url.href })
  cleanUp(async () => {
    worker.signal('SIGKILL')
    await worker.ended
  })
  await eventually(() => expect(worker.stdout()).toContain('WRONGPASS'), { timeoutMs: 20_000 })
  expect(secretsIn(streamsOf(worker), marks)).toEqual([])
})
