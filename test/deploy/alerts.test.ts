import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { families, metricNames } from './metrics.ts'
import { metricsIn, selectorsIn } from './promql.ts'

const rulesFile = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
        }),
      ),
    }),
  ),
})

const testsFile = z.object({
  tests: z.array(
    z.object({
      alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })),
    }),
  ),
})

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const alerts = rulesFile.parse(parse(read('deploy/prometheus/alerts.yml'))).groups.flatMap(({ rules }) => rules)
const cases = testsFile
  .parse(parse(read('deploy/prometheus/alerts.test.yml')))
  .tests.flatMap(({ alert_rule_test }) => alert_rule_test)

/** GitHub's anchor of a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
const kebab = (name: string) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()

const valuesOf = (metric: string, label: string) =>
  new Set(
    families
      .filter(({ name }) => metric === name || metric === `${name}_count`)
      .flatMap(({ samples }) => samples.map(({ labels }) => labels[label])),
  )

test('every alert is tried once where it must fire and once where it must not', () => {
  const tried = (fires: boolean) =>
    new Set(cases.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname))
  const names = new Set(alerts.map(({ alert }) => alert))
  expect(tried(true)).toEqual(names)
  expect(tried(false)).toEqual(names)
})

describe.each(alerts)('$alert', ({ expr }) => {
  test('reads only metrics that are there', () => {
    const names = metricsIn(expr)
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !metricNames.has(name))).toEqual([])
  })

  test('asks for labels and values that are there', () => {
    // the queues are named by the settings, and `up` by Prometheus
    const asked = selectorsIn(expr).filter(({ metric, label }) => metric !== 'up' && label !== 'queue')
    expect(asked.filter(({ metric, label, value }) => !valuesOf(metric, label).has(value))).toEqual([])
  })
})

test('every alert names its part of the runbook, which is there', () => {
  for (const { alert, annotations } of alerts) {
    expect(annotations.runbook_url).toBe(`docs/runbook.md#${kebab(alert)}`)
  }
  const anchors = new Set(
    [...read('docs/runbook.md').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchor(heading)),
  )
  expect(alerts.map(({ alert }) => kebab(alert)).filter((name) => !anchors.has(name))).toEqual([])
})
