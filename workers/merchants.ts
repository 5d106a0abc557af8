import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { isSecure } from '../config/addresses.ts'
import type { Merchant } from '../config/merchants.ts'
import type { Settings } from '../config/settings.ts'
import type { KeyUse } from '../src/flows/key-view.ts'
import { senderList } from '../src/http/senders.ts'
import { createGateway } from '../src/lianlian/client.ts'
import { toldPrivateKey, toldPublicKey } from '../src/lianlian/key-uses.ts'
import { type PrivateKey, type PublicKey, parsePrivateKeys, parsePublicKeys } from '../src/lianlian/keys.ts'
import type { Policy } from '../src/refund/policy.ts'
import { type GatewayClient, gatewayClient } from './gateway-client.ts'
import { KeyBook } from './key-book.ts'

/** The merchants that this process works for now. All of it changes in one turn of the event loop, by `replace`. */
export interface Merchants {
  /** what jobs may leave out */
  readonly defaults: ReadonlyMap<string, Merchant>
  readonly gateways: ReadonlyMap<string, GatewayClient>
  /** LianLian's */
  readonly publicKeys: ReadonlyMap<string, readonly PublicKey[]>
  readonly keyBook: KeyBook
  readonly rateOf: (oid_partner: string) => { readonly max: number; readonly durationMs: number } | undefined
  readonly policyOf: (oid_partner: string) => Policy | undefined
  readonly urlsOf: (oid_partner: string) => Settings['gateway']
  readonly mayNotify: (oid_partner: string, ip: string) => boolean
  /** the same for two processes that work with the same settings of merchants; see `settingsVersions` */
  readonly digest: () => string
  readonly replace: (next: readonly Merchant[]) => void
  readonly close: () => void
}

interface Keys {
  /** absent: this process never signs */
  readonly own?: readonly [PrivateKey, ...PrivateKey[]]
  readonly theirs: readonly PublicKey[]
}

export function createMerchants({ merchants, gateway }: Settings, log: Logger): Merchants {
  const current = new Map<string, Merchant>()
  const keys = new Map<string, Keys>()
  const gateways = new Map<string, GatewayClient>()
  const publicKeys = new Map<string, readonly PublicKey[]>()
  const senders = new Map<string, (ip: string) => boolean>()
  const keyBook = new KeyBook()
  const urlsOf = (oid_partner: string) => ({ ...gateway, ...current.get(oid_partner)?.gateway })

  function apply(merchant: Merchant, { own, theirs }: Keys): void {
    const { oid_partner, allowFrom } = merchant
    const changed = current.has(oid_partner)
    current.set(oid_partner, merchant)
    keys.set(oid_partner, { ...(own && { own }), theirs })
    publicKeys.set(oid_partner, theirs)
    if (allowFrom) senders.set(oid_partner, senderList(allowFrom))
    else senders.delete(oid_partner)
    if (own) sendWith(oid_partner, own[0], theirs)
    const [private_keys, public_keys] = [own?.map(nameOf), theirs.map(nameOf)]
    log.info(
      { oid_partner, signs_with: own?.[0].fingerprint, private_keys, public_keys, changed },
      'a merchant is configured',
    )
  }

  function sendWith(oid_partner: string, privateKey: PrivateKey, theirs: readonly PublicKey[]): void {
    const urls = urlsOf(oid_partner)
    const trustUnsignedRefusals = trustsUnsigned(urls)
    const client = createGateway({ ...urls, trustUnsignedRefusals, privateKey, publicKeys: theirs })
    const known = gateways.get(oid_partner)
    if (known) known.replace(client)
    else gateways.set(oid_partner, gatewayClient(client))
  }

  function remove(oid_partner: string): void {
    gateways.get(oid_partner)?.retire()
    for (const each of [current, keys, gateways, publicKeys, senders]) each.delete(oid_partner)
    log.warn({ oid_partner }, 'a merchant is configured no more: its open refunds wait until it is again')
  }

  function replace(next: readonly Merchant[]): void {
    const changed = next.filter((merchant) => {
      const before = current.get(merchant.oid_partner)
      return !before || contentOf(before) !== contentOf(merchant)
    })
    // whatever may fail comes before anything is changed
    const parsed = changed.map((merchant) => ({ merchant, keys: keysOf(merchant, keyBook) }))
    const kept = new Set(next.map(({ oid_partner }) => oid_partner))
    for (const oid_partner of [...current.keys()].filter((each) => !kept.has(each))) remove(oid_partner)
    for (const each of parsed) apply(each.merchant, each.keys)
    keyBook.have(
      [...keys]
        .flatMap(([oid_partner, { own, theirs }]) => [
          (own ?? []).map(({ fingerprint }, place) => ({ oid_partner, use: 'sign' as const, fingerprint, place })),
          theirs.map(({ fingerprint }, place) => ({ oid_partner, use: 'verify' as const, fingerprint, place })),
        ])
        .flat(),
    )
  }

  replace(merchants)
  return {
    defaults: current,
    gateways,
    publicKeys,
    keyBook,
    urlsOf,
    rateOf: (oid_partner) => current.get(oid_partner)?.rateLimit,
    policyOf: (oid_partner) => current.get(oid_partner)?.policy,
    mayNotify: (oid_partner, ip) => senders.get(oid_partner)?.(ip) ?? true,
    digest: () => digestOf([...current.values()], keys),
    replace,
    close() {
      for (const client of gateways.values()) client.close()
    },
  }
}

/** Only TLS, or a way that never leaves this machine, can stand in for the signature that a refusal lacks. */
export function trustsUnsigned({
  trustUnsignedRefusals,
  refundUrl,
  exchangeRefundUrl,
}: Pick<Settings['gateway'], 'trustUnsignedRefusals' | 'refundUrl' | 'exchangeRefundUrl'>): boolean {
  return trustUnsignedRefusals && [refundUrl, exchangeRefundUrl].every(isSecure)
}

const nameOf = ({ fingerprint }: { readonly fingerprint: string }) => fingerprint

function keysOf({ oid_partner, privateKey, publicKeys }: Merchant, keyBook: KeyBook): Keys {
  const used = (use: KeyUse, { fingerprint }: PublicKey | PrivateKey) => keyBook.used({ oid_partner, use, fingerprint })
  const theirs = parsePublicKeys(publicKeys).map((key) => toldPublicKey(key, used('verify', key)))
  if (!privateKey) return { theirs }
  const [first, ...others] = parsePrivateKeys(privateKey.reveal())
  return { own: [toldPrivateKey(first, used('sign', first)), ...others], theirs }
}

/** Everything about a merchant, keys included: never to be shown. */
const contentOf = (merchant: Merchant): string => JSON.stringify([merchant, merchant.privateKey?.reveal()])

/** What all processes have comes first, so that one that never signs can be compared with one that does. */
function digestOf(merchants: readonly Merchant[], keys: ReadonlyMap<string, Keys>): string {
  const shared = digest(merchants.map(({ privateKey: _own, ...merchant }) => merchant))
  const own = merchants.map(({ oid_partner }) => [oid_partner, keys.get(oid_partner)?.own?.map(nameOf)] as const)
  const signs = own.some(([, names]) => names !== undefined)
  return signs ? `${shared}-${digest(own)}` : shared
}

function digest(contents: readonly unknown[]): string {
  const texts = contents.map((content) => JSON.stringify(content))
  return createHash('sha256').update(JSON.stringify(texts.toSorted())).digest('hex').slice(0, 12)
}
