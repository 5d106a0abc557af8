import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'

const value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.int(), z.string()]).optional(),
})
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .default([])
  .transform((list) =>
    Object.fromEntries(list.map((given) => [given.key, given.value.stringValue ?? given.value.intValue])),
  )
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.int(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes,
  events: z.array(z.object({ name: z.string(), attributes })).default([]),
  status: z.object({ code: z.int().optional(), message: z.string().optional() }).default({}),
})
const resourceSpans = z.object({
  resource: z.object({ attributes }),
  scopeSpans: z.array(z.object({ spans: z.array(span) })),
})
const traces = z.object({ resourceSpans: z.array(resourceSpans) })

/** One span as a collector gets it: OTLP over HTTP, JSON. */
export interface CollectedSpan extends z.infer<typeof span> {
  /** service.instance.id: host and pid */
  readonly instance: string
}

export interface Collector {
  /** base URL, as a setting names it */
  readonly endpoint: string
  readonly spans: readonly CollectedSpan[]
  /** everything that was ever sent here, as it came */
  readonly bodies: readonly string[]
  /** Waits until a span is there that fits. */
  collected(fits: (span: CollectedSpan) => boolean): Promise<CollectedSpan>
  /** Every request that comes next is answered so; 0: never answered. */
  answerWith(status: number): void
  stop(): Promise<void>
}

/** A collector of traces on a port of 127.0.0.1. */
export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = []
  const bodies: string[] = []
  let status = 200
  const server = createServer((request, response) => {
    void take(request, response)
  })

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    if (status === 0) return
    const answer = request.url === '/v1/traces' ? status : 404
    if (answer === 200) {
      bodies.push(body)
      for (const { resource, scopeSpans } of traces.parse(JSON.parse(body)).resourceSpans) {
        const instance = String(resource.attributes['service.instance.id'])
        spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((given) => ({ ...given, instance }))))
      }
    }
    response.writeHead(answer, { 'content-type': 'application/json' }).end('{}')
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new TypeError('the collector has no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    spans,
    bodies,
    collected: async (fits) => await eventually(() => spans.find(fits) ?? false, { timeoutMs: 20_000 }),
    answerWith(next) {
      status = next
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
