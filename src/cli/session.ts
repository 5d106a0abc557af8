import { performance } from 'node:perf_hooks'
import type { Cluster, Redis } from 'ioredis'
import { loadOperatorSettings } from '../../config/load.ts'
import type { OperatorSettings, RedisConnection } from '../../config/settings.ts'
import { type Decided, decide } from '../flows/decide.ts'
import type { Log } from '../flows/ports.ts'
import { createLedger, type Ledger } from '../ledger/ledger.ts'
import { addressOf, connectRedis } from '../redis/connection.ts'
import { withoutArguments } from '../redis/error-text.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import { CommandFault, wrongUsage } from './fault.ts'
import { type Io, say } from './io.ts'

/** What a command works with: the ledger, and the settings that the workers decide by. */
export interface Session {
  readonly settings: OperatorSettings
  readonly redis: Redis | Cluster
  readonly ledger: Ledger
  /** Redis TIME, asked once and counted on from there, epoch ms */
  readonly now: number
  decide(id: RefundIdentity, observe: Parameters<typeof decide>[2]): Promise<Decided>
}

/** The trail has the operator's name; a log line would stand on the operator's own machine. */
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }
const REACH_WITHIN_MS = 4_000

/** Connects, works, and disconnects; a Redis that is away is one line and exit code 1. */
export async function withSession<T>(io: Io, work: (session: Session) => Promise<T>): Promise<T> {
  const settings = settingsOf(io)
  const { connection } = settings.redis
  let lastFault: Error | undefined
  let reached = false
  const redis = connectRedis(addressOf(connection), 'hasty', (error) => {
    lastFault = error
  })
  try {
    const start = await reach(redis)
    const began = performance.now()
    reached = true
    return await work({
      settings,
      redis,
      get now() {
        return start + Math.round(performance.now() - began)
      },
      ...ledgerOf(io, settings, redis),
    })
  } catch (error) {
    if (reached && !isRedisFault(error)) throw error
    const reason = reasonOf(lastFault ?? error)
    throw new CommandFault(`Redis at ${shownAddress(connection)} cannot be used: ${reason}`, { cause: error })
  } finally {
    redis.disconnect()
  }
}

/** The settings of the environment, or every fault in them. */
function settingsOf(io: Io): OperatorSettings {
  const loaded = loadOperatorSettings(io.env)
  if (!loaded.ok) throw new CommandFault(loaded.faults.join('\n'))
  return loaded.settings
}

/** The merchant that a command is about. */
export function partnerOf({ merchants }: OperatorSettings, partner: string | undefined): string {
  if (partner !== undefined) return partner
  const [first, ...others] = merchants
  if (others.length > 0) throw wrongUsage('--partner is required: several merchants are configured')
  return first.oid_partner
}

/** The figures that decide about a merchant's refunds. */
export function policyIn({ merchants, policy }: OperatorSettings, oid_partner: string): OperatorSettings['policy'] {
  return merchants.find((merchant) => merchant.oid_partner === oid_partner)?.policy ?? policy
}

function ledgerOf(io: Io, settings: OperatorSettings, redis: Redis | Cluster): Pick<Session, 'ledger' | 'decide'> {
  const { policy } = settings
  const policyOf = (oid_partner: string) => policyIn(settings, oid_partner)
  const ledger = createLedger(redis, {
    prefix: settings.ledger.prefix,
    policy,
    policyOf,
    retentionDays: settings.ledger.retentionDays,
    waitReplicas: settings.redis.waitReplicas,
    onUnreadable: (error) => say(io, `a record of the ledger cannot be read: ${reasonOf(error)}`),
    gate: { breakerMs: settings.gateway.breakerOpenMs, balanceMs: policy.holdLookMs, rateOf: () => undefined },
  })
  return {
    ledger,
    decide: async (id, observe) => decide({ ledger, policy, policyOf, random: Math.random, log: silent }, id, observe),
  }
}

async function reach(redis: Redis | Cluster): Promise<number> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('Command timed out')), REACH_WITHIN_MS)
  try {
    const [seconds = 0, micros = 0] = (await Promise.race([redis.time(), late])).map(Number)
    return seconds * 1_000 + Math.floor(micros / 1_000)
  } finally {
    clearTimeout(timer)
  }
}

const REDIS_FAULTS = new Set(['MaxRetriesPerRequestError', 'ReplyError', 'ClusterAllFailedError', 'AbortError'])
/** Of connections alone: a full disk has a `syscall`, too. */
const NETWORK_CALLS: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo'])
const NETWORK_FAULT = /Command timed out|Connection is closed|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/

function isRedisFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { name, message } = error
  const dialling = 'syscall' in error && NETWORK_CALLS.has(error.syscall)
  return REDIS_FAULTS.has(name) || dialling || NETWORK_FAULT.test(message)
}

/** What went wrong, in one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const [line = ''] = withoutArguments(error.message).split('\n')
  return line === '' ? (code ?? error.name) : line
}

function shownAddress(connection: RedisConnection): string {
  if (connection.mode === 'single') return connection.url.toString()
  const nodes = connection.mode === 'cluster' ? connection.nodes : connection.sentinels
  return nodes.map(({ host, port }) => `${host}:${port}`).join(',')
}
