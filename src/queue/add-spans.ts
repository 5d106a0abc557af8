import { type JobsOptions, SpanKind, type Telemetry } from 'bullmq'

interface Addition<Data> {
  readonly name: string
  readonly data: Data
  readonly opts: JobsOptions & { readonly jobId: string }
}

/**
 * Gives each of the jobs that are added together a span, and so a trace, of its own. BullMQ has one for all of them: a
 * thousand refunds of nobody's trace would share one.
 */
export function addSpans(telemetry: Telemetry<unknown> | undefined, queue: string) {
  return async function traced<Data, T>(
    jobs: readonly Addition<Data>[],
    add: (jobs: Addition<Data>[]) => Promise<T>,
  ): Promise<T> {
    const plain = jobs.map(({ name, data, opts }) => ({ name, data, opts }))
    if (!telemetry) return add(plain)
    const { tracer, contextManager } = telemetry
    const active: unknown = contextManager.active()
    const spanned = plain.map((job) => {
      const span = tracer.startSpan(`add ${queue}`, { kind: SpanKind.PRODUCER }, active)
      span.setAttributes({ 'bullmq.queue.name': queue, 'bullmq.job.id': job.opts.jobId })
      const metadata = contextManager.getMetadata(span.setSpanOnContext(active))
      return { span, job: { ...job, opts: { ...job.opts, telemetry: { metadata } } } }
    })
    try {
      return await add(spanned.map(({ job }) => job))
    } catch (error) {
      for (const { span } of spanned) span.recordException(error instanceof Error ? error : String(error))
      throw error
    } finally {
      for (const { span } of spanned) span.end()
    }
  }
}
