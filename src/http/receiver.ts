import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { NoticeResult } from '../flows/notice.ts'
import type { RefundIdentity } from '../refund/job-data.ts'
import type { Notice } from '../refund/observation.ts'
import { senderList } from './senders.ts'

/** What reading a notification's body gave; see `src/lianlian/notification.ts`. */
export type Reading =
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'forged'; readonly reason: string }
  | { readonly kind: 'verified'; readonly id: RefundIdentity; readonly notice: Notice }

export interface ReceiverOptions {
  readonly path: string
  /** addresses and CIDR ranges that may send; absent: everyone */
  readonly allowFrom?: readonly string[]
  /** whether the address may send what is about this merchant; absent: all that may send at all */
  readonly mayNotify?: (oid_partner: string, ip: string) => boolean
  /** addresses and CIDR ranges of proxies whose X-Forwarded-For is believed */
  readonly trustProxy: readonly string[]
  readonly logger: FastifyBaseLogger
  readonly read: (body: Uint8Array) => Reading
  /** resolves when the result is stored */
  readonly store: (id: RefundIdentity, notice: Notice) => Promise<NoticeResult>
  /** counts what is not stored, e.g. `notice:bad_signature` */
  readonly count: (field: string) => Promise<void>
}

/** The gateway waits 5 s for an acknowledgement and repeats it after that. */
const ANSWER_WITHIN_MS = 4_500
const BODY_LIMIT = 64 * 1024

/** The gateway recognises exactly this text. */
const ACKNOWLEDGED = '{"ret_code":"0000","ret_msg":"ok"}'

const NOT_ALLOWED = { ret_code: '1008', ret_msg: 'sender not allowed' }

/** The server that the gateway notifies: verifies, stores, and only then acknowledges. */
export function createReceiver(options: ReceiverOptions): FastifyInstance {
  const { path, allowFrom, mayNotify = () => true, trustProxy, logger, read, store, count } = options
  const allowed = allowFrom && senderList(allowFrom)
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    requestTimeout: 10_000,
    connectionTimeout: 15_000,
    keepAliveTimeout: 65_000,
    http: { headersTimeout: 8_000, connectionsCheckingInterval: 2_000 },
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser(['text/json', 'application/json'], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  server.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const status = error.statusCode ?? 500
    request.log.warn({ status, from: request.ip, reason: error.message }, 'a request was refused')
    return reply.code(status).send({ ret_code: '1012', ret_msg: status < 500 ? error.message : 'internal error' })
  })
  const tally = (field: string) => {
    // a figure is not worth a wait: the answer does not depend on it
    count(field).catch((error: unknown) => logger.error({ err: error, field }, 'not counted'))
  }

  server.post(path, {
    onRequest: async (request, reply) => {
      if (!allowed || allowed(request.ip)) return
      request.log.warn({ from: request.ip }, 'a notification from an address that may not send')
      return reply.code(403).send(NOT_ALLOWED)
    },
    handler: async (request, reply) => {
      const reading = read(request.body instanceof Uint8Array ? request.body : new Uint8Array())
      switch (reading.kind) {
        case 'unreadable':
          tally('notice:unreadable')
          request.log.warn({ from: request.ip, reason: reading.reason }, 'an unreadable notification')
          return reply.code(400).send({ ret_code: '1012', ret_msg: `unreadable: ${reading.reason}` })
        case 'forged':
          tally('notice:bad_signature')
          request.log.warn({ from: request.ip, reason: reading.reason }, 'a notification that nobody vouches for')
          return reply.code(400).send({ ret_code: '1001', ret_msg: reading.reason })
        case 'verified': {
          if (!mayNotify(reading.id.oid_partner, request.ip)) {
            request.log.warn(
              { ...reading.id, from: request.ip },
              'a notification from an address that may not send for its merchant',
            )
            return reply.code(403).send(NOT_ALLOWED)
          }
          const stored = await withinDeadline(store(reading.id, reading.notice))
          if (stored.ok) return reply.type('application/json;charset=utf-8').send(ACKNOWLEDGED)
          request.log.error({ ...reading.id, err: stored.error }, 'a notification could not be stored, to be repeated')
          return reply.code(503).send({ ret_code: '9999', ret_msg: 'not stored, send it again' })
        }
      }
    },
  })
  return server
}

type Stored = { readonly ok: true } | { readonly ok: false; readonly error: unknown }

async function withinDeadline(storing: Promise<unknown>): Promise<Stored> {
  const { promise: late, resolve } = Promise.withResolvers<Stored>()
  const timer = setTimeout(() => resolve({ ok: false, error: new Error('too slow') }), ANSWER_WITHIN_MS)
  const stored = storing.then(
    (): Stored => ({ ok: true }),
    (error: unknown): Stored => ({ ok: false, error }),
  )
  try {
    return await Promise.race([stored, late])
  } finally {
    clearTimeout(timer)
  }
}
