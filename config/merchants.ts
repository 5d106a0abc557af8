import { yuan } from './formats.ts'
import type { FileMerchant } from './merchants-file.ts'
import { type GatewayUrls, type PolicySettings, readGatewayUrls, readPolicy } from './policy.ts'
import { given, type Read } from './read.ts'
import { Secret } from './secret.ts'

/** What of a merchant is no secret. What is absent is as the settings of all merchants have it. */
export interface KeylessMerchant {
  /** 18 digits */
  readonly oid_partner: string
  /** for jobs that give none */
  readonly notifyUrl?: string
  /** for jobs that give none; absent: domestic */
  readonly kind?: 'domestic' | 'exchange'
  /** calls of the gateway, by the whole fleet; absent: no limit */
  readonly rateLimit?: { readonly max: number; readonly durationMs: number }
  /** addresses and CIDR ranges that may notify, of those that the receiver lets in; absent: all of them */
  readonly allowFrom?: readonly string[]
  /** where it has any of its own: all of them */
  readonly gateway?: GatewayUrls
  /** where it has any figure of its own: all of them */
  readonly policy?: PolicySettings
}

export interface Merchant extends KeylessMerchant {
  /**
   * PEM or bare base64 DER, parsed by those who sign; one or several separated by commas, the first signs. Absent: this
   * process never signs
   */
  readonly privateKey?: Secret
  /** LianLian's: one key or several separated by commas, in the same forms */
  readonly publicKeys: string
}

type OneOrMore<T> = readonly [T, ...T[]]

/** @param file the merchants of `MERCHANTS_FILE`; absent: the one of the environment */
export function keylessMerchants(read: Read, file: readonly FileMerchant[] | undefined): OneOrMore<KeylessMerchant> {
  const [first, ...others] = file ?? [{ oid_partner: given(read('LIANLIAN_OID_PARTNER')) }]
  return [keyless(given(first), read), ...others.map((merchant) => keyless(merchant, read))]
}

/** The same merchants with their keys, in the same order. */
export function merchantsWithKeys(
  merchants: OneOrMore<KeylessMerchant>,
  read: Read,
  file: readonly FileMerchant[] | undefined,
): OneOrMore<Merchant> {
  const publicKeys = read('LIANLIAN_PUBLIC_KEY')
  const withKeys = (merchant: KeylessMerchant, index: number): Merchant => {
    const own = file?.[index]
    const ofFile = own?.privateKeys === undefined ? undefined : new Secret(own.privateKeys)
    const privateKey = own === undefined ? read('LIANLIAN_PRIVATE_KEY') : ofFile
    return {
      ...merchant,
      ...(privateKey !== undefined && { privateKey }),
      publicKeys: own?.publicKeys ?? publicKeys,
    }
  }
  const [first, ...others] = merchants
  return [withKeys(first, 0), ...others.map((merchant, index) => withKeys(merchant, index + 1))]
}

function keyless(own: FileMerchant, read: Read): KeylessMerchant {
  const { oid_partner, kind, allowFrom, gateway } = own
  const notifyUrl = own.notifyUrl ?? read('LIANLIAN_NOTIFY_URL')
  const rateLimit = own.rateLimit ?? commonRate(read)
  const policy = ownPolicy(own, read)
  return {
    oid_partner,
    ...(notifyUrl !== undefined && { notifyUrl }),
    ...(kind && { kind }),
    ...(rateLimit && { rateLimit }),
    ...(allowFrom && { allowFrom }),
    ...(gateway && { gateway: { ...readGatewayUrls(read), ...gateway } }),
    ...(policy && { policy }),
  }
}

function commonRate(read: Read): KeylessMerchant['rateLimit'] {
  const max = read('RATE_LIMIT_MAX')
  const durationMs = read('RATE_LIMIT_DURATION_MS')
  return max === undefined || durationMs === undefined ? undefined : { max, durationMs }
}

function ownPolicy({ retry, query, maxRefund, dailyCap }: FileMerchant, read: Read): PolicySettings | undefined {
  if (!retry && !query && maxRefund === undefined && dailyCap === undefined) return undefined
  const common = readPolicy(read)
  const { maxAttempts = common.maxAttempts, ...backoff } = retry ?? {}
  const [firstDelay, ...delays] = query?.delaysMs ?? common.queryDelaysMs
  return {
    ...common,
    retry: { ...common.retry, ...backoff },
    maxAttempts,
    queryDelaysMs: [given(firstDelay), ...delays],
    queryGiveUpMs: query?.giveUpMs ?? common.queryGiveUpMs,
    ...(maxRefund !== undefined && { maxRefundFen: given(yuan.parse(maxRefund)) }),
    ...(dailyCap !== undefined && { dailyCapFen: given(yuan.parse(dailyCap)) }),
  }
}
