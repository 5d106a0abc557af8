import type { FastifyInstance } from 'fastify'

const ALWAYS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // not `no-referrer`: browsers would then send forms with the origin `null`
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** Our own pages: no script at all. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** Bull Board: its own scripts; the styles that it writes into its elements; nothing from elsewhere. */
export const BOARD_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; form-action 'none'; base-uri 'self'; frame-ancestors 'none'"

export function securityHeaders(scope: FastifyInstance, policy: string): void {
  scope.addHook('onSend', async (_request, reply) => {
    reply.headers({ ...ALWAYS, 'content-security-policy': policy })
  })
}
