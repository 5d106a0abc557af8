import { describe, expect, test } from 'vitest'
import { connectRedis } from '../../src/redis/connection.ts'
import { durabilityFaults } from '../../src/redis/durability.ts'
import { cleanUp } from '../support/clean-up.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { type OwnRedis, ownRedis } from '../support/own-redis.ts'
import { openRedis } from '../support/redis.ts'

describe('a Redis that may lose a refund', () => {
  test('is named setting by setting', async () => {
    const redis = openRedis((await ownRedis()).url)
    expect(await durabilityFaults(redis)).toEqual([])
    const changes = [
      ['maxmemory-policy', 'allkeys-lru', 'noeviction'],
      ['appendonly', 'no', 'yes'],
      ['appendfsync', 'everysec', 'always'],
      ['no-appendfsync-on-rewrite', 'yes', 'no'],
    ] as const
    for (const [name, wrong, right] of changes) {
      await redis.config('SET', name, wrong)
      expect(await durabilityFaults(redis)).toEqual([`redis: ${name} must be ${right}, it is ${wrong}`])
      await redis.config('SET', name, right)
    }
    for (const [name, wrong] of changes) await redis.config('SET', name, wrong)
    expect(await durabilityFaults(redis)).toHaveLength(4)
  })

  test('is named in a cluster too, though the connection is still being made', async () => {
    const own = await ownRedis({
      'cluster-enabled': 'yes',
      'cluster-announce-ip': '127.0.0.1',
      'cluster-port': String(await freePort()),
      appendfsync: 'everysec',
    })
    const direct = openRedis(own.url)
    await direct.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await eventually(async () => expect(await direct.call('CLUSTER', 'INFO')).toContain('cluster_state:ok'))
    const cluster = connectRedis(
      { mode: 'cluster', nodes: [{ host: '127.0.0.1', port: own.port }] },
      'patient',
      () => {},
    )
    cleanUp(() => cluster.disconnect())
    expect(await durabilityFaults(cluster)).toEqual(['redis: appendfsync must be always, it is everysec'])
  })

  test('is not believed when it hides its settings', async () => {
    const own = await ownRedis()
    await openRedis(own.url).call('ACL', 'SETUSER', 'tenant', 'on', '>tenant', '~*', '+@all', '-config')
    const faults = await durabilityFaults(openRedis(`redis://tenant:tenant@127.0.0.1:${own.port}`))
    expect(faults).toHaveLength(4)
    expect(faults[0]).toContain('not readable')
  })

  test('is not judged while it cannot be reached', async () => {
    const own = await ownRedis()
    const redis = openRedis(own.url, { maxRetriesPerRequest: 0 })
    await redis.ping()
    await own.kill()
    await expect(durabilityFaults(redis)).rejects.toThrow(/max retries|closed|ECONNREFUSED/)
  })
})

describe('a connection', () => {
  test('in haste fails at once when Redis is away, tells why, and works again when it is back', async () => {
    const { own, redis, errors } = await connected('hasty')
    await own.kill()
    await eventually(async () => {
      const failed = await redis.get('key').then(
        () => false,
        () => true,
      )
      return failed && errors.length > 0
    })
    await own.restart()
    await eventually(async () => (await redis.ping()) === 'PONG')
  })

  test('with patience waits for a Redis that is away, and then does what it was asked', async () => {
    const { own, redis, errors } = await connected('patient')
    await own.kill()
    const set = redis.set('key', 'value')
    await eventually(() => errors.length > 2)
    await own.restart()
    expect(await set).toBe('OK')
  })
})

async function connected(
  patience: Parameters<typeof connectRedis>[1],
): Promise<{ own: OwnRedis; redis: ReturnType<typeof connectRedis>; errors: Error[] }> {
  const own = await ownRedis()
  const errors: Error[] = []
  const redis = connectRedis({ mode: 'single', url: own.url }, patience, (error) => errors.push(error))
  cleanUp(() => redis.disconnect())
  await redis.ping()
  return { own, redis, errors }
}
