import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Merchant } from '../config/merchants.ts'
import type { Settings } from '../config/settings.ts'
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
  /** the same for two processes that work with the same settings of merchants */
  readonly digest: () => string
  readonly replace: (next: readonly Merchant[]) => void
  readonly close: () => void
}

interface Keys {
  readonly own: readonly [PrivateKey, ...PrivateKey[]]
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
    const known = gateways.get(oid_partner)
    current.set(oid_partner, merchant)
    keys.set(oid_partner, { own, theirs })
    publicKeys.set(oid_partner, theirs)
    if (allowFrom) senders.set(oid_partner, senderList(allowFrom))
    else senders.delete(oid_partner)
    const client = createGateway({ ...urlsOf(oid_partner), privateKey: own[0], publicKeys: theirs })
    if (known) known.replace(client)
    else gateways.set(oid_partner, gatewayClient(client))
    const [private_keys, public_keys] = [own.map(nameOf), theirs.map(nameOf)]
    log.info(
      { oid_partner, signs_with: own[0].fingerprint, private_keys, public_keys, changed: known !== undefined },
      'a merchant is configured',
    )
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
          own.map(({ fingerprint }, place) => ({ oid_partner, use: 'sign' as const, fingerprint, place })),
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

const nameOf = ({ fingerprint }: { readonly fingerprint: string }) => fingerprint

function keysOf({ oid_partner, privateKey, publicKeys }: Merchant, keyBook: KeyBook): Keys {
  const [first, ...others] = parsePrivateKeys(privateKey.reveal())
  const [signed, verified] = [keyBook.used(oid_partner, 'sign'), keyBook.used(oid_partner, 'verify')]
  return {
    own: [toldPrivateKey(first, signed), ...others],
    theirs: parsePublicKeys(publicKeys).map((key) => toldPublicKey(key, verified)),
  }
}

/** Everything about a merchant, keys included: never to be shown. */
const contentOf = (merchant: Merchant): string => JSON.stringify([merchant, merchant.privateKey.reveal()])

function digestOf(merchants: readonly Merchant[], keys: ReadonlyMap<string, Keys>): string {
  const contents = merchants.map((merchant) =>
    JSON.stringify([merchant, keys.get(merchant.oid_partner)?.own.map(nameOf)]),
  )
  return createHash('sha256').update(JSON.stringify(contents.toSorted())).digest('hex').slice(0, 12)
}
