import { describe, expect, inject, test } from 'vitest'
import { cleanUp } from '../support/clean-up.ts'
import { ownRedis } from '../support/own-redis.ts'
import { startFleet } from './fleet.ts'
import { gatewayKeys, merchantKeys, PARTNER } from './settings.ts'
import { programs, runToEnd } from './worker-process.ts'

/** The settings that the lines of stderr name, in the order of the alphabet. */
const named = (stderr: string): string[] =>
  stderr
    .trimEnd()
    .split('\n')
    .map((line) => line.split(':')[0] ?? '')
    .toSorted()

const PASSWORD = 'open-sesame-8153'
const right = () => ({
  REDIS_URL: inject('redisUrl'),
  LIANLIAN_OID_PARTNER: PARTNER,
  LIANLIAN_PRIVATE_KEY: merchantKeys.privateKey,
  LIANLIAN_PUBLIC_KEY: gatewayKeys.publicKey,
  RECEIVER_PORT: '0',
  ADMIN_PORT: '0',
})
/** The others need no private key, and read none. */
const SIGNING: ReadonlySet<string> = new Set(['submit', 'query', 'all'])
const concurrent = { concurrent: true, timeout: 60_000 }

describe('wrong settings', () => {
  test.each(programs)(
    'end workers/%s.ts with code 1 and one line a fault, without secrets',
    concurrent,
    async (program) => {
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
      expect(named(stderr)).toEqual([
        'ADMIN_HOST',
        'LIANLIAN_OID_PARTNER',
        ...(SIGNING.has(program) ? ['LIANLIAN_PRIVATE_KEY'] : []),
        'LIANLIAN_REFUND_URL',
        'REDIS_URL',
        'RETRY_JITTER',
        'SWEEP_INTERVAL_MS',
      ])
      expect(stderr).not.toMatch(/\s+at .*:\d+|node:internal|Error:/)
      expect(stderr).not.toContain(PASSWORD)
      expect(stderr).not.toContain(merchantKeys.privateKey.split('\n')[1]?.slice(0, 30))
    },
  )

  test('that are missing are named', concurrent, async () => {
    const { code, stderr } = await runToEnd('all', {})
    expect(code).toBe(1)
    expect(named(stderr)).toEqual(['LIANLIAN_OID_PARTNER', 'LIANLIAN_PRIVATE_KEY', 'REDIS_URL'])
  })

  test('that demand one another are named', concurrent, async () => {
    const { code, stderr } = await runToEnd('submit', {
      ...right(),
      RATE_LIMIT_MAX: '10',
      ADMIN_USER: 'operator',
      RETRY_CAP_MS: '1',
      LIANLIAN_PRIVATE_KEY: '',
      LIANLIAN_PRIVATE_KEY_FILE: '/nowhere/key.pem',
    })
    expect(code).toBe(1)
    expect(named(stderr)).toEqual([
      'ADMIN_PASSWORD',
      expect.stringMatching(/^LIANLIAN_PRIVATE_KEY/),
      'RATE_LIMIT_DURATION_MS',
      'RETRY_CAP_MS',
    ])
  })

  test.each([merchantKeys.publicKey, 'not a key'])(
    '%j for a private key is named as none',
    concurrent,
    async (wrong) => {
      const keys = { LIANLIAN_PRIVATE_KEY: wrong, LIANLIAN_PUBLIC_KEY: 'AAAA' }
      const { code, stderr } = await runToEnd('submit', { ...right(), ...keys })
      expect(code).toBe(1)
      expect(stderr.trimEnd().split('\n').toSorted()).toEqual([
        expect.stringMatching(/^LIANLIAN_PRIVATE_KEY: /),
        expect.stringMatching(/^LIANLIAN_PUBLIC_KEY: /),
      ])
    },
  )

  test('a port that is taken ends the start with code 1', concurrent, async () => {
    const port = new URL(inject('redisUrl')).port
    const { code } = await runToEnd('receive', { ...right(), RECEIVER_HOST: '127.0.0.1', RECEIVER_PORT: port })
    expect(code).toBe(1)
  })
})

describe('a Redis that may lose what it acknowledged', () => {
  test('is refused in production, each of its settings named', { timeout: 60_000 }, async () => {
    const weak = await ownRedis({ appendfsync: 'everysec', 'maxmemory-policy': 'allkeys-lru' })
    for (const [program, production] of [
      ['all', { REQUIRE_DURABLE_REDIS: 'true' }],
      ['receive', { NODE_ENV: 'production' }],
    ] as const) {
      const { code, stderr } = await runToEnd(program, { ...right(), REDIS_URL: weak.url, ...production })
      expect(code).toBe(1)
      const lines = stderr.trimEnd().split('\n').toSorted()
      expect(lines).toEqual([expect.stringContaining('appendfsync'), expect.stringContaining('maxmemory-policy')])
      expect(lines.join('')).toMatch(/always.*everysec/)
    }
  })

  test('a durable one is taken', { timeout: 60_000 }, async () => {
    const fleet = await startFleet({ settings: { REQUIRE_DURABLE_REDIS: 'true' } })
    cleanUp(fleet.stop)
    expect((await fetch(`${fleet.adminUrl}/readyz`)).status).toBe(200)
  })
})
