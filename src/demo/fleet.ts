/** The workers: one process a role, as in production. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type Child, startChild } from './child.ts'
import type { CleanUps } from './clean-ups.ts'
import { WORKER_TIMES } from './timing.ts'

export interface FleetPlace {
  readonly folder: string
  /** what every process gets: PATH and the like */
  readonly env: Readonly<Record<string, string>>
  readonly redisUrl: string
  readonly durable: boolean
  readonly queuePrefix: string
  readonly ledgerPrefix: string
  readonly oid_partner: string
  readonly privateKeyFile: string
  readonly publicKeyFile: string
  readonly gatewayUrl: string
}

export interface Fleet {
  readonly children: readonly Child[]
  readonly receiverUrl: string
  readonly adminUrl: string
}

/** User and password of the admin server: it listens on loopback, and dies with the demo. */
export const OPERATOR = 'demo'
const PROGRAM = new URL('../cli/main.ts', import.meta.url)
const NOTIFICATIONS = '/notifications/refund'
const logged = z.looseObject({ msg: z.string() })

export async function startFleet(place: FleetPlace, ends: CleanUps, signal: AbortSignal): Promise<Fleet> {
  const settings = settingsOf(place)
  const start = (role: string, more: Readonly<Record<string, string>> = {}): Child => {
    const child = startChild({
      name: role,
      program: `workers/${role}.ts`,
      env: { ...place.env, ...settings, ...more },
      logFile: join(place.folder, `${role}.log`),
    })
    ends.add(role, () => child.stop())
    return child
  }
  const said = async (child: Child, form: RegExp): Promise<string> =>
    child.line((line) => form.exec(messageOf(line))?.[1], signal)

  // port 0: the system chooses, and no other process can take the port in between
  const receive = start('receive', { RECEIVER_PORT: '0' })
  const admin = start('admin', { ADMIN_PORT: '0' })
  const others = [start('query'), start('publish')]
  const listening = /^Server listening at (http:\S+)/
  const receiverUrl = (await said(receive, listening)) + NOTIFICATIONS
  const submit = start('submit', { LIANLIAN_NOTIFY_URL: receiverUrl })
  const children = [submit, ...others, receive, admin]
  const [adminUrl] = await Promise.all([said(admin, listening), ...children.map((child) => said(child, /^(started)$/))])
  return { children, receiverUrl, adminUrl }
}

function settingsOf(place: FleetPlace): Record<string, string> {
  return {
    ...WORKER_TIMES,
    REDIS_URL: place.redisUrl,
    REQUIRE_DURABLE_REDIS: String(place.durable),
    QUEUE_PREFIX: place.queuePrefix,
    LEDGER_PREFIX: place.ledgerPrefix,
    LIANLIAN_OID_PARTNER: place.oid_partner,
    LIANLIAN_PRIVATE_KEY_FILE: place.privateKeyFile,
    LIANLIAN_PUBLIC_KEY_FILE: place.publicKeyFile,
    LIANLIAN_REFUND_URL: `${place.gatewayUrl}/refund.htm`,
    LIANLIAN_EXCHANGE_REFUND_URL: `${place.gatewayUrl}/exchangerefund.htm`,
    LIANLIAN_QUERY_URL: `${place.gatewayUrl}/refundquery.htm`,
    RECEIVER_HOST: '127.0.0.1',
    RECEIVER_PATH: NOTIFICATIONS,
    ADMIN_HOST: '127.0.0.1',
    ADMIN_USER: OPERATOR,
    ADMIN_PASSWORD: OPERATOR,
    ADMIN_WRITE: 'true',
  }
}

/** For a shell: the settings by which `refundctl` finds this fleet, and the command itself. */
export function operatorShell({ redisUrl, queuePrefix, ledgerPrefix, oid_partner }: FleetPlace): string {
  const settings = {
    // the times by which refunds go on
    ...WORKER_TIMES,
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: queuePrefix,
    LEDGER_PREFIX: ledgerPrefix,
    LIANLIAN_OID_PARTNER: oid_partner,
  }
  const exports = Object.entries(settings).map(([name, value]) => `export ${name}=${quoted(value)}`)
  const command = `refundctl() { ${quoted(process.execPath)} ${quoted(fileURLToPath(PROGRAM))} "$@"; }`
  return `${[...exports, command].join('\n')}\n`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function messageOf(line: string): string {
  try {
    return logged.safeParse(JSON.parse(line)).data?.msg ?? ''
  } catch {
    return ''
  }
}
