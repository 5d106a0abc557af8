import { Histogram, type Registry } from 'prom-client'

export interface HistogramRow {
  readonly labels: Readonly<Record<string, string>>
  /** how many were at most this long and longer than the bound before; bounds in ms, rising, the last `Infinity` */
  readonly buckets: readonly { readonly bound: number; readonly count: number }[]
  /** ms, of all together */
  readonly sum: number
}

interface HistogramFamily {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly rows: readonly HistogramRow[]
}

export function histogram(registry: Registry, family: HistogramFamily): void {
  registry.registerMetric(new TotalsHistogram(family))
}

/** A histogram in seconds of what was observed elsewhere: prom-client's own can only be told one observation at a time. */
class TotalsHistogram extends Histogram {
  readonly #described: { readonly name: string; readonly help: string }
  readonly #rows: readonly HistogramRow[]

  constructor({ name, help, labelNames, rows }: HistogramFamily) {
    super({ name, help, labelNames: [...labelNames], registers: [] })
    this.#described = { name, help }
    this.#rows = rows
  }

  /** What a registry asks for, and `get` as well. */
  async getForPromString() {
    return { ...this.#described, type: 'histogram', values: this.#rows.flatMap(samplesOf(this.#described.name)) }
  }
}

/** The labels that samples share stay apart from `le`, as prom-client has them. */
const samplesOf =
  (name: string) =>
  ({ labels, buckets, sum }: HistogramRow) => {
    let count = 0
    const cumulated = buckets.map((bucket) => {
      count += bucket.count
      const le = bucket.bound === Number.POSITIVE_INFINITY ? '+Inf' : bucket.bound / 1000
      return { metricName: `${name}_bucket`, labels: { le }, sharedLabels: labels, value: count }
    })
    return [
      ...cumulated,
      { metricName: `${name}_sum`, labels: {}, sharedLabels: labels, value: sum / 1000 },
      { metricName: `${name}_count`, labels: {}, sharedLabels: labels, value: count },
    ]
  }
