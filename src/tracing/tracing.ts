import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Context, context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Telemetry } from 'bullmq'
import { type CollectorWatch, otlpExporter } from './exporter.ts'
import { refundSampler } from './sampler.ts'
import { activeTraceparent, type FinishedSpan, spanWriter } from './spans.ts'

export type { FinishedSpan } from './spans.ts'

import { bullmqTelemetry } from './telemetry.ts'

/** Spans are worth less than the time of those who wait for the process to end. */
const FLUSH_WITHIN_MS = 2_000

export interface TracingOptions extends CollectorWatch {
  /** base URL of a collector, OTLP over HTTP */
  readonly endpoint: string
}

/** The traces of one process; it may be started once a process at a time, since OpenTelemetry is global. */
export interface Tracing {
  /** for BullMQ's queues and workers */
  readonly telemetry: Telemetry<Context>
  /** W3C trace context of the work under way; absent where none is recorded */
  traceparent(): string | undefined
  write(span: FinishedSpan): void
  /** Sends what is left, as far as that takes no longer than 2 s. */
  stop(): Promise<void>
}

export function startTracing({ endpoint, ...watch }: TracingOptions): Tracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'lianlian-refund-worker',
      'service.instance.id': `${hostname()}:${process.pid}`,
    }),
    sampler: refundSampler(),
    spanProcessors: [new BatchSpanProcessor({ exporter: otlpExporter(endpoint, watch), scheduledDelayMillis: 1_000 })],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(provider)
  return {
    telemetry: bullmqTelemetry(),
    traceparent: activeTraceparent,
    write: spanWriter(provider.getTracer('lianlian-refund-worker')),
    async stop() {
      const late = new AbortController()
      // a collector that cannot be reached was told of already
      const flushed = provider.shutdown().catch(() => {})
      await Promise.race([flushed, sleep(FLUSH_WITHIN_MS, undefined, { signal: late.signal }).catch(() => {})])
      late.abort()
      trace.disable()
      propagation.disable()
      context.disable()
    },
  }
}
