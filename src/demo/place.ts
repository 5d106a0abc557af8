/** Where a run takes place: Redis, keys of its own, a folder of its own, a key pair of its own. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startRedis } from '../embedded/redis.ts'
import { onceWeEnd } from '../embedded/watchdog.ts'
import type { CleanUps } from './clean-ups.ts'

export interface Place {
  readonly folder: string
  readonly redisUrl: string
  /** whether Redis is ours alone, with the settings that money needs */
  readonly own: boolean
  readonly queuePrefix: string
  readonly ledgerPrefix: string
  readonly oid_partner: string
  readonly privateKeyFile: string
  readonly merchantPublicKeyFile: string
  readonly publicKeyFile: string
  /** for children: nothing of the demo's own environment that could be a setting, or name a real gateway */
  readonly env: Readonly<Record<string, string>>
  /** Leaves what the run wrote where it is, for whoever looks into it. */
  keepFolder(): void
  /** Leaves the run's keys in a Redis that is not ours. */
  keepKeys(): void
}

const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'NODE_EXTRA_CA_CERTS'] as const
const OID_PARTNER = '201103171000000000'
const SCAN_COUNT = 1000

export async function preparePlace(
  environment: NodeJS.ProcessEnv,
  ends: CleanUps,
  say: (line: string) => void,
): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'refund-demo-'))
  const untie = onceWeEnd('rm -rf -- "$1"', [folder])
  let keepsFolder = false
  ends.add('folder', async () => {
    untie()
    if (!keepsFolder) await rm(folder, { recursive: true, force: true })
  })
  const privateKeyFile = join(folder, 'merchant-private.pem')
  const merchantPublicKeyFile = join(folder, 'merchant-public.pem')
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  await writeFile(privateKeyFile, pair.privateKey, { mode: 0o600 })
  await writeFile(merchantPublicKeyFile, pair.publicKey)

  const name = `demo-${randomUUID().slice(0, 8)}`
  const given = environment.REDIS_URL ?? ''
  const own = given === ''
  let keepsKeys = false
  let redisUrl = given
  if (own) {
    const redis = await startRedis({ env: environment, say })
    ends.add('redis', redis.stop)
    redisUrl = redis.url
  } else {
    await requireRedis(given)
    ends.add('keys', async () => {
      if (!keepsKeys) await removeKeys(given, name)
    })
  }
  return {
    folder,
    redisUrl,
    own,
    queuePrefix: `{${name}}:queue`,
    ledgerPrefix: `{${name}}`,
    oid_partner: OID_PARTNER,
    privateKeyFile,
    merchantPublicKeyFile,
    publicKeyFile: join(folder, 'gateway-public.pem'),
    env: Object.fromEntries(
      PASSED_ON.flatMap((key) => (environment[key] === undefined ? [] : [[key, environment[key]]])),
    ),
    keepFolder() {
      keepsFolder = true
      untie()
    },
    keepKeys() {
      keepsKeys = true
    },
  }
}

/** @throws Error in one line, without the URL's password, when Redis cannot be used */
async function requireRedis(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null })
  let fault: Error | undefined
  redis.on('error', (error) => {
    fault = error
  })
  try {
    await redis.connect()
    await redis.ping()
  } catch (error) {
    const reason = fault ?? (error instanceof Error ? error : new Error(String(error)))
    throw new Error(`the Redis of REDIS_URL cannot be used: ${reason.message}`, { cause: error })
  } finally {
    redis.disconnect()
  }
}

/** Every key of the run has its name as hash tag. */
async function removeKeys(url: string, name: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 })
  try {
    for await (const keys of redis.scanStream({ match: `{${name}}:*`, count: SCAN_COUNT })) {
      if (Array.isArray(keys) && keys.length > 0) await redis.unlink(keys.map(String))
    }
  } finally {
    redis.disconnect()
  }
}
