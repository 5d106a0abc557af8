import { receiveNotice } from '../../src/flows/notice.ts'
import { createReceiver } from '../../src/http/receiver.ts'
import { ledgerKeys } from '../../src/ledger/keys.ts'
import { createGateway, type Gateway } from '../../src/lianlian/client.ts'
import { type PublicKey, parsePrivateKey, parsePublicKeys } from '../../src/lianlian/keys.ts'
import { readNotification } from '../../src/lianlian/notification.ts'
import type { Parts } from '../../workers/parts.ts'
import type { Composition } from '../../workers/run.ts'
import type { Defence } from '../defences/names.ts'
import { type Careless, withoutDefence } from '../defences/without-defence.ts'

/** A process with one defence switched off: how its parts and roles differ from those of production. */
export function careless(defence: Defence | undefined) {
  const without = withoutDefence(defence)
  return {
    parts: (parts: Parts): Parts => ({
      ...parts,
      ...(defence === 'notification_signature' && { publicKeys: credulousKeys(parts.publicKeys) }),
      ledger(connection) {
        const { outbox } = ledgerKeys(parts.settings.ledger.prefix)
        return without.ledger(parts.ledger(connection), async (event) => {
          await connection.xadd(outbox, '*', 'event', event)
        })
      },
      gateways() {
        const clients = defence === 'answer_verification' ? credulousGateways(parts) : parts.gateways()
        return new Map([...clients].map(([oid_partner, client]) => [oid_partner, without.gateway(client)]))
      },
      engine(...given) {
        const engine = parts.engine(...given)
        return { ...engine, policy: without.policy(engine.policy) }
      },
    }),
    roles: (roles: Composition['roles']): Composition['roles'] =>
      defence === 'amount_check' ? { ...roles, receive: receiveAnyAmount(without) } : roles,
  }
}

function credulousKeys(keys: Parts['publicKeys']): Parts['publicKeys'] {
  return new Map([...keys].map(([oid_partner, known]) => [oid_partner, known.map(credulous)]))
}

/** A key that vouches for every signature of the right length. */
function credulous(key: PublicKey): PublicKey {
  return { ...key, verify: () => true }
}

/** The clients as production builds them, with keys that vouch for everything. */
function credulousGateways({ settings: { gateway, merchants }, lifecycle }: Parts): ReadonlyMap<string, Gateway> {
  const clients = new Map(
    merchants.map(({ oid_partner, privateKey, publicKeys }) => [
      oid_partner,
      createGateway({
        ...gateway,
        privateKey: parsePrivateKey(privateKey?.reveal() ?? ''),
        publicKeys: parsePublicKeys(publicKeys).map(credulous),
      }),
    ]),
  )
  lifecycle.onStop('gateway clients', () => {
    for (const client of clients.values()) client.close()
  })
  return clients
}

const receiveAnyAmount =
  (without: Careless) =>
  async (parts: Parts): Promise<void> => {
    const { settings, log, publicKeys, lifecycle } = parts
    const ledger = parts.ledger(parts.connect('receiver', 'hasty'))
    const engine = parts.engine(ledger)
    const server = createReceiver({
      ...settings.receiver,
      logger: log,
      read: (body) => readNotification(body, (oid_partner) => publicKeys.get(oid_partner)),
      store: async (id, notice) => receiveNotice(engine, id, await without.notice(ledger, id, notice)),
      count: async (counts) => ledger.count(counts),
    })
    lifecycle.onStop('receiver', async () => server.close())
    await server.listen({ host: settings.receiver.host, port: settings.receiver.port })
  }
