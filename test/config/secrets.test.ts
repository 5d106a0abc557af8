import { format, inspect } from 'node:util'
import pino from 'pino'
import { expect, test } from 'vitest'
import { describeSettings } from '../../config/effective.ts'
import { Secret } from '../../config/secret.ts'
import { faultsOf, least, settingsOf } from './environment.ts'

const HIDDEN = 'hunter2'
const secrets = {
  REDIS_URL: `rediss://worker:${HIDDEN}@redis.internal:6380/2?name=${HIDDEN}`,
  LIANLIAN_PRIVATE_KEY: `key-${HIDDEN}`,
  ADMIN_USER: 'sre',
  ADMIN_PASSWORD: `password-${HIDDEN}`,
}

function logged(what: unknown): string {
  let text = ''
  const write = (line: string) => {
    text += line
  }
  pino({}, { write }).info(what)
  return text
}

test.each([
  ['JSON', JSON.stringify],
  ['inspect', (what: unknown) => inspect(what, { depth: null, showHidden: true })],
  ['format', (what: unknown) => format('%s %o %O %j', what, what, what, what)],
  ['a log line', logged],
])('settings as %s show no secret', (_, print) => {
  const text = print(settingsOf(secrets))
  expect(text).not.toContain(HIDDEN)
  expect(text).toContain('***')
})

test('settings give secrets to those who ask for them', () => {
  const { redis, merchants, admin } = settingsOf(secrets)
  expect(redis.connection.mode === 'single' && redis.connection.url.reveal()).toBe(secrets.REDIS_URL)
  expect(merchants[0].privateKey?.reveal()).toBe(secrets.LIANLIAN_PRIVATE_KEY)
  expect(admin.auth?.password.reveal()).toBe(secrets.ADMIN_PASSWORD)
})

test('a secret shows three asterisks in every conversion to text', () => {
  const secret = new Secret(HIDDEN)
  expect([[secret].join(), String(secret), secret.toString(), JSON.stringify(secret), inspect(secret)]).toEqual([
    '***',
    '***',
    '***',
    '"***"',
    '***',
  ])
  expect(Object.keys(secret)).toEqual([])
})

test('the listing masks secrets and keeps what is needed to tell servers apart', () => {
  const listed = Object.fromEntries(describeSettings(secrets).map(({ name, value }) => [name, value]))
  expect(JSON.stringify(listed)).not.toContain(HIDDEN)
  expect(listed).toMatchObject({
    REDIS_URL: 'rediss://***@redis.internal:6380/2?***',
    LIANLIAN_PRIVATE_KEY: '***',
    ADMIN_USER: 'sre',
    ADMIN_PASSWORD: '***',
  })
  expect(describeSettings(least)).toContainEqual({ name: 'REDIS_URL', value: least.REDIS_URL, source: 'env' })
})

test('the listing shows nothing of a wrong value', () => {
  const listed = describeSettings({ REDIS_URL: `http://:${HIDDEN}@h`, REDIS_SENTINELS: `:${HIDDEN}@h:1` })
  expect(listed).toContainEqual({ name: 'REDIS_URL', value: '(wrong)', source: 'env' })
  expect(listed).toContainEqual({ name: 'REDIS_SENTINELS', value: '(wrong)', source: 'env' })
})

test('no fault shows a secret, also one that stands in the wrong setting', () => {
  const faults = faultsOf({
    REDIS_URL: `redis//:${HIDDEN}@h`,
    REDIS_CLUSTER_NODES: `redis://:${HIDDEN}@a:1,redis://:${HIDDEN}/@b:2`,
    LIANLIAN_REFUND_URL: `https://user:${HIDDEN}@gateway.example/refund.htm`,
    ADMIN_PASSWORD_FILE: HIDDEN,
  })
  expect(faults.join('\n')).not.toContain(HIDDEN)
  expect(faults.map((fault) => fault.split(':')[0])).toEqual([
    'ADMIN_PASSWORD_FILE',
    'REDIS_URL',
    'REDIS_CLUSTER_NODES',
    'LIANLIAN_REFUND_URL',
    'REDIS_URL',
    'QUEUE_PREFIX',
  ])
  expect(faults).toContain('REDIS_CLUSTER_NODES: expected host:port pairs separated by commas, got "***@b:2"')
})

test('no fault between settings shows a key that has the form of a host, a URL or a prefix', () => {
  const key = Buffer.from('a private key, as long as one is').toString('hex').repeat(4)
  for (const wrong of [
    { ADMIN_HOST: key },
    { LIANLIAN_REFUND_URL: `http://gateway.example/${key}` },
    { LIANLIAN_QUERY_URL: `http://127.0.0.1/${key}`, GATEWAY_PINNED_KEYS: Buffer.alloc(32).toString('base64') },
    { QUEUE_PREFIX: key, REDIS_URL: '', REDIS_CLUSTER_NODES: '127.0.0.1:7000' },
  ]) {
    const faults = faultsOf(wrong)
    expect(faults.length).toBeGreaterThan(0)
    expect(faults.join('\n')).not.toContain(key.slice(0, 40))
  }
})

test('a fault shows a long text cut short, and line feeds escaped', () => {
  const [fault = ''] = faultsOf({ LIANLIAN_PUBLIC_KEY: `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(800)}` })
  expect(fault).toBe(
    'LIANLIAN_PUBLIC_KEY: expected public keys as PEM or base64 DER, separated by commas, ' +
      'got "-----BEGIN PRIVATE KEY-----\\n***"',
  )
})
