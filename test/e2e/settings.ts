import { generateKeyPairSync } from 'node:crypto'
import type { Simulator } from '../../src/simulator/simulator.ts'

export const PARTNER = '201103171000000000'

const pair = (modulusLength: number) =>
  generateKeyPairSync('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
export const merchantKeys = pair(2048)
export const gatewayKeys = pair(1024)

/** Everything in milliseconds instead of minutes; the proportions are those of the defaults. */
export const FAST = {
  GATEWAY_TIMEOUT_MS: '1000',
  RETRY_BASE_MS: '50',
  RETRY_CAP_MS: '400',
  RETRY_JITTER: '0',
  QUERY_DELAYS_MS: '150,300',
  NOT_FOUND_MIN_AGE_MS: '300',
  NOT_FOUND_MIN_COUNT: '2',
  NOT_FOUND_SHORT_MIN_AGE_MS: '100',
  NOT_FOUND_SHORT_MIN_COUNT: '1',
  SWEEP_INTERVAL_MS: '50',
  LOCK_DURATION_MS: '2000',
  STALLED_INTERVAL_MS: '1000',
  OUTBOX_CLAIM_MS: '1000',
  HOLD_LOOK_MS: '500',
  BREAKER_OPEN_MS: '200',
  SHUTDOWN_GRACE_MS: '5000',
} as const

/** The settings of a fleet in front of a simulated gateway. */
export function fleetSettings(
  simulator: Pick<Simulator, 'url' | 'publicKey'>,
  ports: { readonly receiver: number; readonly admin: number },
): Record<string, string> {
  return {
    ...FAST,
    LIANLIAN_OID_PARTNER: PARTNER,
    LIANLIAN_PRIVATE_KEY: merchantKeys.privateKey,
    LIANLIAN_PUBLIC_KEY: simulator.publicKey,
    LIANLIAN_REFUND_URL: `${simulator.url}/refund.htm`,
    LIANLIAN_EXCHANGE_REFUND_URL: `${simulator.url}/exchangerefund.htm`,
    LIANLIAN_QUERY_URL: `${simulator.url}/refundquery.htm`,
    LIANLIAN_NOTIFY_URL: `http://127.0.0.1:${ports.receiver}/notifications/refund`,
    RECEIVER_HOST: '127.0.0.1',
    RECEIVER_PORT: String(ports.receiver),
    ADMIN_PORT: String(ports.admin),
  }
}
