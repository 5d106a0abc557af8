import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'

/** What stands in the way of work; empty when nothing does. Must name no secret. */
export type ReadinessCheck = () => Promise<readonly string[]>

const CHECK_WITHIN_MS = 3_000

/** The server that operators and orchestrators ask. `/livez`: the process runs; `/readyz`: it can do its work. */
export function createAdmin(logger: FastifyBaseLogger, check: ReadinessCheck): FastifyInstance {
  const server = fastify({ loggerInstance: logger, logController: new LogController({ disableRequestLogging: true }) })
  server.get('/livez', () => ({ status: 'ok' }))
  server.get('/readyz', async (_request, reply) => {
    const reasons = await checkInTime(check)
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ status: reasons.length === 0 ? 'ok' : 'unready', reasons })
  })
  return server
}

async function checkInTime(check: ReadinessCheck): Promise<readonly string[]> {
  const { promise: late, resolve } = Promise.withResolvers<readonly string[]>()
  const timer = setTimeout(() => resolve(['redis does not answer in time']), CHECK_WITHIN_MS)
  try {
    return await Promise.race([check(), late])
  } catch {
    return ['redis cannot be asked']
  } finally {
    clearTimeout(timer)
  }
}
