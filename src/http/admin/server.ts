import type { Queue } from 'bullmq'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Overview } from '../../flows/overview.ts'
import { registerBoard } from './board.ts'
import { registerBrake } from './brake.ts'
import type { Credentials } from './credentials.ts'
import { guard, refuseOtherSites } from './guard.ts'
import { inTime } from './in-time.ts'
import type { MeaningOf } from './last-hour.ts'
import { STYLE_PATH } from './layout.ts'
import type { OperatorActions } from './operator.ts'
import { checkInTime, type ReadinessCheck } from './readiness.ts'
import { BOARD_POLICY, PAGE_POLICY, securityHeaders } from './security-headers.ts'
import { statusPage, unreachablePage } from './status-page.ts'
import { STYLE } from './style.ts'

export interface AdminOptions {
  readonly logger: FastifyBaseLogger
  /** absent: `/` is shown on loopback, /queues to nobody, and nothing can be changed */
  readonly credentials?: Credentials
  /** with credentials: queues may be changed and sending stopped */
  readonly write: boolean
  readonly ready: ReadinessCheck
  readonly overview: () => Promise<Overview>
  /** the text of /metrics, and its content type */
  readonly metrics: () => Promise<string>
  readonly metricsType: string
  readonly meaningOf: MeaningOf
  readonly queues: readonly Queue[]
  readonly operator: OperatorActions
  /** epoch ms */
  readonly clock: () => number
}

/** Prometheus and people wait little longer. */
const READ_WITHIN_MS = 5_000

/** The server that operators, orchestrators and Prometheus ask. */
export function createAdmin(options: AdminOptions): FastifyInstance {
  const { logger, credentials, write, queues, operator, clock } = options
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 64 * 1024,
    requestTimeout: 10_000,
    http: { headersTimeout: 8_000 },
  })
  const user = write ? credentials?.user : undefined

  server.register(async (scope) => {
    securityHeaders(scope, PAGE_POLICY)
    registerProbes(scope, options.ready)
  })
  server.register(async (scope) => {
    securityHeaders(scope, PAGE_POLICY)
    // scrapers come without credentials: see docs/admin.md for who should reach this port
    if (!credentials) await guard(scope, undefined, 'loopback')
    registerMetrics(scope, options)
  })
  server.register(async (scope) => {
    securityHeaders(scope, PAGE_POLICY)
    await guard(scope, credentials, 'loopback')
    refuseOtherSites(scope)
    registerStatus(scope, options, user !== undefined)
    if (user !== undefined) registerBrake(scope, { user, overview: options.overview, operator, clock })
  })
  server.register(async (scope) => {
    securityHeaders(scope, BOARD_POLICY)
    await guard(scope, credentials, 'nobody')
    refuseOtherSites(scope)
    await registerBoard(scope, {
      queues,
      ...(user !== undefined && { writes: { user, operated: operator.operated, clock } }),
    })
  })
  return server
}

/** `/livez`: the process runs; `/readyz`: it can do its work. */
function registerProbes(scope: FastifyInstance, ready: ReadinessCheck): void {
  scope.get('/livez', () => ({ status: 'ok' }))
  scope.get('/readyz', async (_request, reply) => {
    const reasons = await checkInTime(ready)
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ status: reasons.length === 0 ? 'ok' : 'unready', reasons })
  })
}

function registerMetrics(scope: FastifyInstance, { metrics, metricsType }: AdminOptions): void {
  scope.get('/metrics', async (request, reply) => {
    try {
      const text = await inTime(metrics(), READ_WITHIN_MS)
      if (text !== 'late') return await reply.type(metricsType).send(text)
      request.log.warn('the metrics could not be read in time')
    } catch (error) {
      request.log.warn({ err: error }, 'the metrics could not be read')
    }
    return reply.code(503).type('text/plain; charset=utf-8').send('# the metrics could not be read\n')
  })
}

function registerStatus(
  scope: FastifyInstance,
  { overview, meaningOf, credentials }: AdminOptions,
  write: boolean,
): void {
  scope.get(STYLE_PATH, (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE))
  scope.get('/', async (request, reply) => {
    reply.type('text/html; charset=utf-8')
    try {
      const view = await inTime(overview(), READ_WITHIN_MS)
      if (view === 'late') return await reply.code(503).send(unreachablePage().toString())
      return await reply.send(statusPage(view, { meaningOf, write, board: credentials !== undefined }).toString())
    } catch (error) {
      request.log.warn({ err: error }, 'the status page could not be read')
      return reply.code(503).send(unreachablePage().toString())
    }
  })
}
