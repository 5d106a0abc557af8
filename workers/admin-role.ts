import { hostname } from 'node:os'
import { overview } from '../src/flows/overview.ts'
import { readiness } from '../src/http/admin/readiness.ts'
import { createAdmin } from '../src/http/admin/server.ts'
import { redisNow } from '../src/ledger/clock.ts'
import { RETURN_CODE_TABLE } from '../src/lianlian/return-code-table.ts'
import { returnCode } from '../src/lianlian/return-codes.ts'
import { METRICS_CONTENT_TYPE, metricsPage } from '../src/metrics/page.ts'
import { fleetQueues } from '../src/queue/fleet-queues.ts'
import { durabilityFaults } from '../src/redis/durability.ts'
import type { Parts } from './parts.ts'

const DAY_MS = 86_400_000
/** What a process of the fleet may be. */
const ROLES = ['submit', 'query', 'publish', 'receive', 'admin']

/** The server that operators, orchestrators and Prometheus ask. */
export async function admin(parts: Parts): Promise<void> {
  const { settings, merchants, log, lifecycle } = parts
  const { auth, write, host, port } = settings.admin
  // who asks wants to know now whether Redis is away
  const redis = parts.connect('admin', 'hasty')
  const ledger = parts.ledger(redis)
  const fleet = fleetQueues(redis, {
    prefix: settings.queues.prefix,
    completion: settings.queues.completion,
    onError: (error) => log.warn({ err: error }, 'queue connection fault'),
  })
  lifecycle.onStop('admin queues', () => fleet.close())

  const [{ oid_partner }] = settings.merchants
  const view = async () =>
    overview({
      ledger: () => ledger.view([...merchants.defaults.keys()]),
      queues: () => fleet.view(),
      durabilityFaults: () => durabilityFaults(redis),
    })
  const listed = new Set(RETURN_CODE_TABLE.map(([ret_code]) => ret_code))

  const server = createAdmin({
    logger: log,
    ...(auth && { credentials: { user: auth.user, password: auth.password.reveal() } }),
    write,
    ready: readiness({
      redisTime: () => redisNow(redis),
      durabilityFaults: async () => (settings.redis.requireDurable ? durabilityFaults(redis) : []),
      // a number that no refund can have: too long
      tryLedger: () => ledger.read({ oid_partner, no_refund: 'readiness-check-of-the-admin-server' }),
      lastBeat: async () => {
        const alive = await ledger.alive(DAY_MS)
        return alive.find((one) => one.host === hostname() && one.pid === process.pid)?.seen
      },
      clock: Date.now,
    }),
    overview: view,
    metrics: metricsPage({
      overview: view,
      bullmq: () => Promise.all(fleet.queues.map((queue) => queue.exportPrometheusMetrics())),
      roles: ROLES,
      isListed: (ret_code) => listed.has(ret_code),
      clock: Date.now,
    }),
    metricsType: METRICS_CONTENT_TYPE,
    meaningOf: (ret_code) => returnCode(ret_code).meaning,
    queues: fleet.queues,
    operator: ledger,
    clock: Date.now,
  })
  lifecycle.onStop('admin', () => server.close())
  await server.listen({ host, port })
}
