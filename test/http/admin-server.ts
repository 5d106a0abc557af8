import { Writable } from 'node:stream'
import { Queue } from 'bullmq'
import { pino } from 'pino'
import { z } from 'zod'
import type { Operation, Stop } from '../../src/flows/overview.ts'
import { type AdminOptions, createAdmin } from '../../src/http/admin/server.ts'
import { returnCode } from '../../src/lianlian/return-codes.ts'
import { cleanUp } from '../support/clean-up.ts'
import { openRedis, testNamespace } from '../support/redis.ts'
import { quietOverview } from './overviews.ts'

export const CREDENTIALS = { user: 'on-call', password: 'correct horse: battery' }

export interface AdminServer {
  readonly url: string
  /** refund, refund-query and refund-completed */
  readonly queues: readonly [Queue, ...Queue[]]
  /** what the operator's functions were called with */
  readonly stops: { readonly oid_partner: string | undefined; readonly stop?: Stop }[]
  readonly operations: Operation[]
  /** every line of the log */
  readonly log: Record<string, unknown>[]
  /** fetches with the right credentials */
  get(path: string, init?: RequestInit): Promise<Response>
}

/** A real server on queues of the test's own; what the options leave out is a quiet fleet, guarded and read-only. */
export async function startAdmin(options: Partial<AdminOptions> & { open?: boolean } = {}): Promise<AdminServer> {
  const { open = false, ...given } = options
  const { queuePrefix: prefix } = testNamespace()
  const connection = openRedis()
  const queues: readonly [Queue, ...Queue[]] = [
    new Queue('refund', { connection, prefix }),
    new Queue('refund-query', { connection, prefix }),
    new Queue('refund-completed', { connection, prefix }),
  ]
  cleanUp(() => Promise.all(queues.map((queue) => queue.close())))
  const stops: AdminServer['stops'] = []
  const operations: Operation[] = []
  const log: Record<string, unknown>[] = []
  const server = createAdmin({
    logger: pino({ level: 'debug' }, lines(log)),
    ...(!open && { credentials: CREDENTIALS }),
    write: false,
    ready: async () => [],
    overview: async () => quietOverview(),
    metrics: async () => 'refunds 1\n',
    metricsType: 'text/plain; version=0.0.4; charset=utf-8',
    meaningOf: (ret_code) => returnCode(ret_code).meaning,
    queues,
    operator: {
      stop: async (oid_partner, stop) => void stops.push({ oid_partner, stop }),
      resume: async (oid_partner) => {
        stops.push({ oid_partner })
        return true
      },
      operated: async (operation) => void operations.push(operation),
    },
    clock: Date.now,
    ...given,
  })
  cleanUp(() => server.close())
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    queues,
    stops,
    operations,
    log,
    get: (path, init = {}) =>
      fetch(url + path, { redirect: 'manual', ...init, headers: { ...bearing(CREDENTIALS), ...init.headers } }),
  }
}

export function bearing({ user, password }: { readonly user: string; readonly password: string }) {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}

const logLine = z.record(z.string(), z.unknown())

function lines(log: Record<string, unknown>[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(logLine.parse(JSON.parse(chunk.toString())))
      done()
    },
  })
}
