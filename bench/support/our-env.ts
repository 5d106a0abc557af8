import { OID_PARTNER } from './refunds.ts'
import type { Stage } from './stage.ts'

/** Our settings: what a first user gives, all else as it comes. */
export function fleetEnv({ merchant, gateway }: Stage, redisUrl: string, gatewayUrl: string): Record<string, string> {
  return {
    REDIS_URL: redisUrl,
    LIANLIAN_OID_PARTNER: OID_PARTNER,
    LIANLIAN_PRIVATE_KEY: merchant.privateKey,
    LIANLIAN_PUBLIC_KEY: gateway.publicKey,
    LIANLIAN_REFUND_URL: `${gatewayUrl}/refund.htm`,
    LIANLIAN_EXCHANGE_REFUND_URL: `${gatewayUrl}/refund.htm`,
    LIANLIAN_QUERY_URL: `${gatewayUrl}/refundquery.htm`,
    LIANLIAN_NOTIFY_URL: 'http://127.0.0.1/notifications/refund',
    RECEIVER_HOST: '127.0.0.1',
    RECEIVER_PORT: '0',
  }
}
