import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { plainAddress } from './address.ts'
import { limitConnections } from './connections.ts'
import { failureLimit, RETRY_AFTER_S } from './failure-limit.ts'
import { type ParserFault, refuseTunnels, refuseUnreadable } from './raw-refusal.ts'
import { LIMITS, type ReceiverOptions, type Verified } from './receiver-options.ts'
import { refusalLog } from './refusal-log.ts'
import { type RequestFault, requestFault } from './request-fault.ts'
import { senderList } from './senders.ts'
import { tallies } from './tallies.ts'
import { afterOthers } from './turns.ts'
import { within } from './within.ts'

/** The gateway waits 5 s for an acknowledgement and repeats it after that. */
const ANSWER_WITHIN_MS = 4_500
/** So long a server that closes waits for who is still sending; what is being stored is waited for in any case. */
const CLOSE_AFTER_MS = 1_000
const BODY_LIMIT = 64 * 1024

/** The gateway recognises exactly this text. */
const ACKNOWLEDGED = '{"ret_code":"0000","ret_msg":"ok"}'

const NOT_ALLOWED = { ret_code: '1008', ret_msg: 'sender not allowed' }
const TOO_MANY = { ret_code: '9999', ret_msg: 'too many notifications that nobody vouches for, try again later' }

/** The server that the gateway notifies: verifies, stores, and only then acknowledges. */
export function createReceiver(options: ReceiverOptions): FastifyInstance {
  const { path, allowFrom, mayNotify = () => true, trustProxy, logger, read, store, count, limits = LIMITS } = options
  const allowed = allowFrom && senderList(allowFrom)
  const refusals = refusalLog(logger)
  const failures = failureLimit(() => performance.now())
  const turns = afterOthers()
  const tally = tallies(count, (error, counts) => {
    if (refusals.tells('count')) logger.error({ err: error, counts }, 'not counted')
  })
  const server = fastify({
    loggerInstance: logger,
    // it tells of a request in one line at most: a logger for each would be built for nothing
    childLoggerFactory: () => logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    requestTimeout: limits.requestMs,
    connectionTimeout: 15_000,
    keepAliveTimeout: 65_000,
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: limits.checkMs, requireHostHeader: false },
    clientErrorHandler(fault: ParserFault, socket) {
      // first the answers to the requests that came in one packet with what is none
      setImmediate(() => refuseBytes(fault, socket))
    },
    frameworkErrors: (_error, request, reply) => refuse(request, reply, { status: 400, reason: 'no such path' }),
  })
  refuseTunnels(server.server)
  const connections = limitConnections(server.server, limits.connections)
  let closing: NodeJS.Timeout | undefined
  server.addHook('preClose', (done) => {
    closing = setInterval(() => connections.closeResting(), CLOSE_AFTER_MS).unref()
    done()
  })
  server.addHook('onClose', async () => {
    clearInterval(closing)
    refusals.close()
    await tally.close()
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser(['text/json', 'application/json'], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )

  function refuseBytes(fault: ParserFault, socket: Socket): void {
    if (connections.closesByItself(socket)) return
    const refusal = refuseUnreadable(fault, socket)
    // a connection that was opened and never used is nothing to tell of: health checks do that
    if (!refusal || socket.bytesRead === 0 || !refusals.tells(String(refusal.status))) return
    const { status, reason } = refusal
    logger.warn({ status, from: plainAddress(socket.remoteAddress), reason }, 'a request was refused')
  }

  /** Answers what is no notification at all. */
  function refuse(request: FastifyRequest, reply: FastifyReply, { status, reason, headers = {} }: RequestFault): void {
    if (refusals.tells(String(status))) {
      request.log.warn({ status, from: senderOf(request), reason }, 'a request was refused')
    }
    if (headers.connection === 'close') connections.ends(request.raw.socket)
    reply.code(status).headers(headers).send({ ret_code: '1012', ret_msg: reason })
  }

  server.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const { statusCode: status = 500, message } = error
    if (status < 500) {
      refuse(request, reply, { status, reason: status === 415 ? 'text/json or application/json is expected' : message })
      return
    }
    if (refusals.tells('fault')) request.log.error({ err: error }, 'a request met a fault of ours')
    reply.code(status).send({ ret_code: '9999', ret_msg: 'internal error' })
  })

  // What can be refused by its head is refused before a byte of its body is read.
  server.addHook('onRequest', (request, reply, done) => {
    if (allowed && !allowed(request.ip)) {
      if (refusals.tells('sender')) {
        request.log.warn({ from: senderOf(request) }, 'a notification from an address that may not send')
      }
      reply.code(403).send(NOT_ALLOWED)
      return
    }
    const fault = requestFault(request, path)
    if (fault) {
      refuse(request, reply, fault)
      return
    }
    const judge = () => failures.judge(request.raw.socket, () => senderOf(request))
    const judged = judge()
    if (judged === 'read') done()
    // when its turn comes, its sender may have spent what it may
    else if (judged === 'refuse' || !turns(() => (judge() === 'refuse' ? limit(request, reply) : done()))) {
      limit(request, reply)
    }
  })

  function limit(request: FastifyRequest, reply: FastifyReply): void {
    tally.add('notice:limited')
    if (refusals.tells('limited')) {
      request.log.warn({ from: senderOf(request) }, 'too many notifications that nobody vouches for, refused unread')
    }
    reply.code(429).header('retry-after', RETRY_AFTER_S).send(TOO_MANY)
  }

  server.post(path, async (request, reply) => {
    const { socket } = request.raw
    const reading = read(request.body instanceof Uint8Array ? request.body : new Uint8Array())
    const from = senderOf(request)
    switch (reading.kind) {
      case 'unreadable':
      case 'unusable':
        tally.add('notice:unreadable')
        if (reading.kind === 'unreadable') failures.failed(socket, from)
        if (refusals.tells('unreadable')) {
          request.log.warn({ from, reason: reading.reason }, 'an unreadable notification')
        }
        return reply.code(400).send({ ret_code: '1012', ret_msg: `unreadable: ${reading.reason}` })
      case 'forged':
        tally.add('notice:bad_signature')
        failures.failed(socket, from)
        if (refusals.tells('forged')) {
          request.log.warn({ from, reason: reading.reason }, 'a notification that nobody vouches for')
        }
        return reply.code(400).send({ ret_code: '1001', ret_msg: reading.reason })
      case 'verified':
        return take(request, reply, reading)
    }
  })

  async function take(request: FastifyRequest, reply: FastifyReply, { id, notice }: Verified): Promise<FastifyReply> {
    const { socket } = request.raw
    const from = senderOf(request)
    if (!mayNotify(id.oid_partner, from)) {
      if (refusals.tells('sender of the merchant')) {
        request.log.warn({ ...id, from }, 'a notification from an address that may not send for its merchant')
      }
      return reply.code(403).send(NOT_ALLOWED)
    }
    failures.vouched(socket, from)
    connections.proven(socket)
    connections.busy(socket)
    const stored = await within(ANSWER_WITHIN_MS, store(id, notice))
    if (connections.rests(socket) === 'last') reply.header('connection', 'close')
    if (stored.ok) return reply.type('application/json;charset=utf-8').send(ACKNOWLEDGED)
    request.log.error({ ...id, err: stored.error }, 'a notification could not be stored, to be repeated')
    return reply.code(503).send({ ret_code: '9999', ret_msg: 'not stored, send it again' })
  }

  return server
}

/** As a text for logs and limits. A trusted proxy may hand on what is no address: all such are one sender. */
const senderOf = ({ ip }: FastifyRequest): string => plainAddress(ip) ?? 'unknown'
