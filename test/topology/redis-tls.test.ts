import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { connectRedis, type RedisAddress } from '../../src/redis/connection.ts'
import { durabilityFaults } from '../../src/redis/durability.ts'
import { start } from '../cli/refundctl.ts'
import { startFleet } from '../e2e/fleet.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { type OwnRedis, ownRedis } from '../support/own-redis.ts'
import { authority } from './authority.ts'

/** A Redis that speaks TLS on a second port; the first is for the test's own looks. */
async function tlsRedis(): Promise<{ own: OwnRedis; url: string; ca: string; otherCa: string; caFile: string }> {
  const [ours, theirs] = [await authority(), await authority()]
  const { cert, key } = await ours.issue('127.0.0.1')
  const port = await freePort()
  const own = await ownRedis({
    'tls-port': String(port),
    'tls-cert-file': cert,
    'tls-key-file': key,
    'tls-ca-cert-file': ours.file,
    'tls-auth-clients': 'no',
  })
  return { own, url: `rediss://127.0.0.1:${port}`, ca: ours.pem, otherCa: theirs.pem, caFile: ours.file }
}

function connected(address: RedisAddress) {
  const errors: Error[] = []
  const redis = connectRedis(address, 'hasty', (error) => errors.push(error))
  cleanUp(() => redis.disconnect())
  return { redis, errors }
}

describe('over TLS', () => {
  test('Redis is believed by the authority that is given, and by no other, whatever the environment says', async () => {
    const { url, ca, otherCa } = await tlsRedis()
    expect(await connected({ mode: 'single', url, ca }).redis.ping()).toBe('PONG')

    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    for (const address of [{ url, ca: otherCa }, { url }]) {
      const { redis, errors } = connected({ mode: 'single', ...address })
      await expect(redis.ping()).rejects.toThrow(/max retries|closed|timed out/)
      await eventually(() => errors.length > 0)
      expect(String(errors[0])).toMatch(/certificate/)
    }
    vi.unstubAllEnvs()
  })

  test('a server that speaks none is not spoken to', async () => {
    const { own, ca } = await tlsRedis()
    const { redis } = connected({ mode: 'single', url: own.url.replace('redis:', 'rediss:'), ca })
    await expect(redis.ping()).rejects.toThrow(/max retries|closed|timed out/)
  })

  test('a worker pays a refund, and operators look at it', async () => {
    const { own, url, caFile, otherCa } = await tlsRedis()
    const fleet = await startFleet({
      redisUrl: own.url,
      settings: { REDIS_URL: url, REDIS_CA_FILE: caFile, REQUIRE_DURABLE_REDIS: 'true' },
    })
    cleanUp(fleet.stop)
    await fleet.add({ no_refund: 'R1' })
    expect(await fleet.event('R1')).toMatchObject({ type: 'refund.succeeded' })

    const settings = { ...fleet.settings, LIANLIAN_PRIVATE_KEY: '' }
    const looked = await start(['get', 'R1', '-o', 'json'], settings).ended
    expect(looked).toMatchObject({ code: 0, out: expect.stringContaining('succeeded') })
    const wrong = join(own.dir, 'other.pem')
    await writeFile(wrong, otherCa)
    const refused = await start(['get', 'R1'], { ...settings, REDIS_CA_FILE: wrong }).ended
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toMatch(/^refundctl: Redis at rediss:\/\/127\.0\.0\.1:\d+ cannot be used: .*certificate/)
  })

  test('a worker that does not believe its Redis says why, and does not start', async () => {
    const { own, url } = await tlsRedis()
    const failed = startFleet({ redisUrl: own.url, settings: { REDIS_URL: url, REDIS_CA_FILE: '/nowhere/ca.pem' } })
    await expect(failed).rejects.toThrow(/REDIS_CA_FILE: cannot read the file that it names \(ENOENT\)/)
  })
})

test('nodes of a cluster speak TLS, and are asked as the user that is given', { timeout: 60_000 }, async () => {
  const ours = await authority()
  const { cert, key } = await ours.issue('127.0.0.1')
  const port = await freePort()
  const own = await ownRedis({
    'cluster-enabled': 'yes',
    'cluster-announce-ip': '127.0.0.1',
    'cluster-announce-tls-port': String(port),
    'cluster-port': String(await freePort()),
    'tls-port': String(port),
    'tls-cluster': 'yes',
    'tls-cert-file': cert,
    'tls-key-file': key,
    'tls-ca-cert-file': ours.file,
    'tls-auth-clients': 'no',
  })
  const { redis: direct } = connected({ mode: 'single', url: own.url })
  await direct.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  await direct.call('ACL', 'SETUSER', 'worker', 'on', '>secret', '~*', '+@all')
  await direct.call('ACL', 'SETUSER', 'default', 'resetpass', '>other')
  const nodes = [{ host: '127.0.0.1', port }]
  const access = { tls: true, ca: ours.pem, username: 'worker', password: 'secret' }
  const { redis } = connected({ mode: 'cluster', nodes, ...access })
  await eventually(async () => expect(await redis.set('a', '1').catch(String)).toBe('OK'))
  expect(await durabilityFaults(redis)).toEqual([])
  expect(await redis.call('ACL', 'WHOAMI')).toBe('worker')
})
