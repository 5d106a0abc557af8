import { describe, expect, inject, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { ownRedis } from '../support/own-redis.ts'
import { gatewayKeys, merchantKeys, PARTNER, startFleet } from './fleet.ts'
import { programs, runToEnd } from './worker-process.ts'

const PASSWORD = 'open-sesame-8153'
const right = () => ({
  REDIS_URL: inject('redisUrl'),
  LIANLIAN_OID_PARTNER: PARTNER,
  LIANLIAN_PRIVATE_KEY: merchantKeys.privateKey,
  LIANLIAN_PUBLIC_KEY: gatewayKeys.publicKey,
  RECEIVER_PORT: '0',
  ADMIN_PORT: '0',
})
const concurrent = { concurrent: true, timeout: 60_000 }

describe('wrong settings', () => {
  test.each(programs)('end workers/%s.ts with code 1 and one line a fault, without secrets', concurrent, async (program) => {
    const { code, stdout, stderr } = await runToEnd(program, {
      ...right(),
      REDIS_URL: `http://user:${PASSWORD}@127.0.0.1:1`,
      LIANLIAN_OID_PARTNER: '123',
      LIANLIAN_PRIVATE_KEY: merchantKeys.privateKey.slice(0, 300),
      RETRY_JITTER: '1.5',
      SWEEP_INTERVAL_MS: '5s',
      ADMIN_HOST: '0.0.0.0',
      LIANLIAN_REFUND_URL: 'http://gateway.example.com/refund.htm',
    })
    expect(code).toBe(1)
    expect(stdout).toBe('')
    const lines = stderr.trimEnd().split('\n')
    const names = lines.map((line) => line.split(':')[0])
    expect(names.toSorted()).toEqual([
      'ADMIN_HOST',
      'LIANLIAN_OID_PARTNER',
      'LIANLIAN_PRIVATE_KEY',
      'LIANLIAN_REFUND_URL',
      'REDIS_URL',
      'RETRY_JITTER',
      'SWEEP_INTERVAL_MS',
    ])
    expect(stderr).not.toMatch(/\s+at .*:\d+|node:internal|Error:/)
    expect(stderr).not.toContain(PASSWORD)
    expect(stderr).not.toContain(merchantKeys.privateKey.split('\n')[1]?.slice(0, 30))
  })

  test('that are missing are named', concurrent, async () => {
    const { code, stderr } = await runToEnd('all', {})
    expect(code).toBe(1)
    const names = stderr.trimEnd().split('\n').map((line) => line.split(':')[0])
    expect(names.toSorted()).toEqual(['LIANLIAN_OID_PARTNER', 'LIANLIAN_PRIVATE_KEY', 'REDIS_URL'])
  })

  test.each(['RATE_LIMIT_MAX', 'RATE_LIMIT_DURATION_MS'])('%s alone is a fault', concurrent, async (name) => {
    const { code, stderr } = await runToEnd('submit', { ...right(), [name]: '10' })
    expect(code).toBe(1)
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^RATE_LIMIT_(MAX|DURATION_MS): /)])
  })

  test('in a password that cannot be read from its file is a fault that names the setting', concurrent, async () => {
    const { code, stderr } = await runToEnd('submit', {
      ...right(),
      LIANLIAN_PRIVATE_KEY: '',
      LIANLIAN_PRIVATE_KEY_FILE: '/nowhere/key.pem',
    })
    expect(code).toBe(1)
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^LIANLIAN_PRIVATE_KEY/)])
  })

  test('a public key for the private one, and rubbish, are named as what they are not', concurrent, async () => {
    for (const wrong of [merchantKeys.publicKey, 'AAAA', 'not a key']) {
      const { code, stderr } = await runToEnd('submit', { ...right(), LIANLIAN_PRIVATE_KEY: wrong })
      expect(code).toBe(1)
      expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^LIANLIAN_PRIVATE_KEY: /)])
    }
    const { code, stderr } = await runToEnd('submit', { ...right(), LIANLIAN_PUBLIC_KEY: 'not a key' })
    expect(code).toBe(1)
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^LIANLIAN_PUBLIC_KEY: /)])
  })

  test('a port that is taken ends the start with code 1', concurrent, async () => {
    const port = new URL(inject('redisUrl')).port
    const { code } = await runToEnd('receive', { ...right(), RECEIVER_HOST: '127.0.0.1', RECEIVER_PORT: port })
    expect(code).toBe(1)
  })
})

describe('a Redis that may lose what it acknowledged', () => {
  test('is refused in production, each of its settings named', { timeout: 60_000 }, async () => {
    const weak = await ownRedis({ appendfsync: 'everysec', 'maxmemory-policy': 'allkeys-lru' })
    for (const durable of [{ REQUIRE_DURABLE_REDIS: 'true' }, { NODE_ENV: 'production' }]) {
      for (const program of ['all', 'receive'] as const) {
        const { code, stderr } = await runToEnd(program, { ...right(), REDIS_URL: weak.url, ...durable })
        expect(code).toBe(1)
        const lines = stderr.trimEnd().split('\n').toSorted()
        expect(lines).toEqual([expect.stringContaining('appendfsync'), expect.stringContaining('maxmemory-policy')])
        expect(lines.join('')).toMatch(/always.*everysec/)
      }
    }
  })

  test('a durable one is taken', { timeout: 60_000 }, async () => {
    const fleet = await startFleet({ settings: { REQUIRE_DURABLE_REDIS: 'true' } })
    cleanUp(fleet.stop)
    expect((await fetch(`${fleet.adminUrl}/readyz`)).status).toBe(200)
  })
})
