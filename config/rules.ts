import { isLoopback, isSecure } from './addresses.ts'
import { hasHashTag } from './names.ts'
import type { SettingName, Values } from './schema.ts'
import { shown } from './shown.ts'

/** The settings as far as they are known while some of them may be wrong. */
export interface Known {
  /** given by some source, rightly or not; a default does not count */
  readonly has: (name: SettingName) => boolean
  /** surely given by none; false while a file that may give it cannot be read */
  readonly lacks: (name: SettingName) => boolean
  /** `undefined` when absent, wrong or not readable */
  readonly value: <Name extends SettingName>(name: Name) => Values[Name] | undefined
}

/** So many characters of a text are told: of the right form, and yet it may be a key in the wrong place. */
const LONGEST = 60

/** What settings demand of one another. A rule whose settings are wrong in themselves says nothing more. */
type Rule = (known: Known) => readonly string[]

const REDIS_WAYS = ['REDIS_URL', 'REDIS_CLUSTER_NODES', 'REDIS_SENTINELS'] as const
const GATEWAY_URLS = ['LIANLIAN_REFUND_URL', 'LIANLIAN_EXCHANGE_REFUND_URL', 'LIANLIAN_QUERY_URL'] as const
const MERCHANT = ['LIANLIAN_OID_PARTNER', 'LIANLIAN_PRIVATE_KEY'] as const

const oneRedis: Rule = ({ has, lacks }) => {
  if (REDIS_WAYS.every(lacks)) return [`REDIS_URL: required, or ${REDIS_WAYS.slice(1).join(', or ')}`]
  const [first, ...others] = REDIS_WAYS.filter(has)
  return first !== undefined && others.length > 0 ? [`${first}: excludes ${others.join(' and ')}, set one of them`] : []
}

/** One of the two alone means nothing; the line names the one that is missing. */
function together(one: SettingName, other: SettingName): Rule {
  return ({ has, lacks }) => {
    if (has(one) && lacks(other)) return [`${other}: required with ${one}`]
    return has(other) && lacks(one) ? [`${one}: required with ${other}`] : []
  }
}

/** The other may stand alone. */
function needs(one: SettingName, other: SettingName): Rule {
  return ({ has, lacks }) => (has(one) && lacks(other) ? [`${other}: required with ${one}`] : [])
}

/** A setting given twice would leave it to a library which of the two counts. */
const oneRedisUser: Rule = ({ has, value }) => {
  const url = value('REDIS_URL')?.reveal()
  if (url === undefined || new URL(url).username + new URL(url).password === '') return []
  return (['REDIS_USERNAME', 'REDIS_PASSWORD'] as const)
    .filter(has)
    .map((name) => `${name}: REDIS_URL carries user or password already`)
}

const redisTls: Rule = ({ has, value }) => {
  const url = value('REDIS_URL')?.reveal()
  const tls = url === undefined ? value('REDIS_TLS') === true : url.startsWith('rediss:')
  if (value('REDIS_TLS') === true && !tls) return ['REDIS_URL: must be rediss:// with REDIS_TLS=true']
  if (!has('REDIS_CA') || tls || (has('REDIS_URL') && url === undefined)) return []
  return ['REDIS_CA: needs TLS, a rediss:// REDIS_URL or REDIS_TLS=true']
}

const clusterPrefix: Rule = ({ has, value }) => {
  const prefix = value('QUEUE_PREFIX')
  return has('REDIS_CLUSTER_NODES') && prefix !== undefined && !hasHashTag(prefix)
    ? [`QUEUE_PREFIX: Redis Cluster needs a hash tag in it, such as {refunds}, got ${shown(prefix, LONGEST)}`]
    : []
}

const oneMerchant: Rule = ({ has, lacks }) => {
  if (has('MERCHANTS_FILE')) {
    const given = MERCHANT.filter(has)
    return given.length > 0 ? [`MERCHANTS_FILE: excludes ${given.join(' and ')}`] : []
  }
  return MERCHANT.filter((name) => lacks(name) && lacks('MERCHANTS_FILE')).map((name) =>
    name === 'LIANLIAN_PRIVATE_KEY'
      ? `${name}: required, or LIANLIAN_PRIVATE_KEY_FILE`
      : `${name}: required, or MERCHANTS_FILE`,
  )
}

const secureGateway: Rule = ({ value }) => {
  if (value('ALLOW_INSECURE_GATEWAY') !== false) return []
  return GATEWAY_URLS.flatMap((name) => {
    const text = value(name)
    if (text === undefined || isSecure(text)) return []
    return [`${name}: must be https, unless ALLOW_INSECURE_GATEWAY=true, got ${shown(text, LONGEST)}`]
  })
}

/** Without TLS there is no key to be pinned. */
const pinnedGateway: Rule = ({ has, value }) =>
  GATEWAY_URLS.flatMap((name) => {
    const text = value(name)
    if (!has('GATEWAY_PINNED_KEYS') || text === undefined || text.startsWith('https:')) return []
    return [`${name}: must be https with GATEWAY_PINNED_KEYS, got ${shown(text, LONGEST)}`]
  })

const retryCap: Rule = ({ value }) => {
  const base = value('RETRY_BASE_MS')
  const cap = value('RETRY_CAP_MS')
  if (base === undefined || cap === undefined || cap >= base) return []
  return [`RETRY_CAP_MS: must not be below RETRY_BASE_MS, got ${cap} and ${base}`]
}

const guardedAdmin: Rule = ({ lacks, value }) => {
  const host = value('ADMIN_HOST')
  if (host === undefined || isLoopback(host) || !lacks('ADMIN_USER') || !lacks('ADMIN_PASSWORD')) return []
  return [`ADMIN_HOST: beyond loopback ADMIN_USER and ADMIN_PASSWORD are required, got ${shown(host, LONGEST)}`]
}

export const rules: readonly Rule[] = [
  oneRedis,
  together('REDIS_SENTINELS', 'REDIS_SENTINEL_NAME'),
  needs('REDIS_USERNAME', 'REDIS_PASSWORD'),
  oneRedisUser,
  redisTls,
  needs('REDIS_SENTINEL_USERNAME', 'REDIS_SENTINEL_PASSWORD'),
  needs('REDIS_SENTINEL_PASSWORD', 'REDIS_SENTINELS'),
  clusterPrefix,
  oneMerchant,
  secureGateway,
  pinnedGateway,
  together('RATE_LIMIT_MAX', 'RATE_LIMIT_DURATION_MS'),
  retryCap,
  together('ADMIN_USER', 'ADMIN_PASSWORD'),
  guardedAdmin,
]
