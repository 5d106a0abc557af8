import { Counter, Gauge, type Registry } from 'prom-client'

export interface Sample {
  /** the same names in every sample of a family; every value out of a list that is known beforehand */
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What Prometheus calls a metric family: one name, its meaning, and a sample for each set of labels. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly samples: readonly Sample[]
}

export function gauge(registry: Registry, family: Family): void {
  const metric = new Gauge({ ...described(family), registers: [registry] })
  for (const { labels, value } of family.samples) metric.set(labels, value)
}

/** A total that is kept elsewhere: a registry of one scrape starts at nothing, so that one rise brings it there. */
export function counter(registry: Registry, family: Family): void {
  const metric = new Counter({ ...described(family), registers: [registry] })
  for (const { labels, value } of family.samples) metric.inc(labels, value)
}

/** The only sample of a family without labels. */
export function alone(value: number): readonly Sample[] {
  return [{ labels: {}, value }]
}

/** One sample for each value of a family's only label. */
export function each<Value extends string>(
  label: string,
  values: readonly Value[],
  read: (value: Value) => number,
): readonly Sample[] {
  return values.map((value) => ({ labels: { [label]: value }, value: read(value) }))
}

/** Seconds from then to now, both epoch ms; 0 when there is no then. */
export function ageSeconds(now: number, since: number | undefined): number {
  return since === undefined ? 0 : Math.max(0, now - since) / 1000
}

function described({ name, help, samples }: Family) {
  return { name, help, labelNames: Object.keys(samples[0]?.labels ?? {}) }
}
