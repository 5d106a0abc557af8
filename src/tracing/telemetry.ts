import { type Context, context, propagation, ROOT_CONTEXT } from '@opentelemetry/api'
import type { Attributes, Span, SpanOptions, Telemetry } from 'bullmq'
import { BullMQOtel } from 'bullmq-otel'

/** Words of BullMQ that quote what a producer wrote. */
const QUOTES = new Set(['bullmq.job.failed.reason'])

/**
 * bullmq-otel, made safe against what stands in jobs that others wrote: metadata that cannot be read would break the
 * worker off, and the reason of a failure names fields of the job's data.
 */
export function bullmqTelemetry(): Telemetry<Context> {
  const { tracer, contextManager } = new BullMQOtel()
  return {
    tracer: {
      startSpan: (name: string, options?: SpanOptions, parent?: Context) =>
        withoutQuotes(tracer.startSpan(name, options, parent)),
    },
    contextManager: {
      with: (given: Context, run) => context.with(given, run),
      active: () => context.active(),
      root: () => ROOT_CONTEXT,
      getMetadata: (given: Context) => contextManager.getMetadata(given),
      fromMetadata: (active: Context, metadata) => propagation.extract(active, headersIn(metadata)),
    },
  }
}

function withoutQuotes(span: Span<Context>): Span<Context> {
  return {
    setSpanOnContext: (given) => span.setSpanOnContext(given),
    setAttribute: (key, value) => span.setAttribute(key, value),
    setAttributes: (attributes) => span.setAttributes(attributes),
    addEvent: (name, attributes = {}) => span.addEvent(name, told(attributes)),
    recordException: (exception, time) => span.recordException(exception, time),
    end: () => span.end(),
  }
}

const told = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([key]) => !QUOTES.has(key)))

function headersIn(metadata: string): Record<string, string> {
  try {
    const given: unknown = JSON.parse(metadata)
    const entries = Object.entries(typeof given === 'object' && given !== null ? given : {})
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    return {}
  }
}
