import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { families, metricNames } from './metrics.ts'
import { metricsIn, selectorsIn } from './promql.ts'

const source = z.object({ type: z.literal('prometheus'), uid: z.string().regex(/^\$\{datasource\}$/) })

const dashboardFile = z.looseObject({
  uid: z.string(),
  panels: z.array(
    z.looseObject({
      id: z.number(),
      type: z.string(),
      title: z.string(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      datasource: source.optional(),
      targets: z.array(z.looseObject({ expr: z.string(), datasource: source })).default([]),
    }),
  ),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string(), type: z.string(), query: z.unknown() })) }),
})

const read = (path: string) => readFileSync(new URL(`../../deploy/grafana/${path}`, import.meta.url), 'utf8')
const { panels, templating } = dashboardFile.parse(JSON.parse(read('refunds.json')))
const targets = panels.flatMap(({ title, targets: each }) => each.map(({ expr }) => ({ title, expr })))

test('the dashboard has its rows, and every panel of them asks something of the chosen data source', () => {
  expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
    'Money',
    'Queues',
    'Gateway',
    'Notifications and events',
    'Health',
    'Settings and keys',
    'Books',
  ])
  for (const panel of panels) expect(panel.targets.length > 0, panel.title).toBe(panel.type !== 'row')
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  expect(templating.list.map(({ name, type }) => `${name} ${type}`)).toEqual(['datasource datasource', 'job query'])
})

test('every metric that the dashboard names is there', () => {
  const named = targets.flatMap(({ expr }) => metricsIn(expr))
  expect(new Set(named).size).toBeGreaterThan(30)
  expect(named.filter((name) => !metricNames.has(name))).toEqual([])
  expect(JSON.stringify(templating)).toContain('label_values(refund_open, job)')
})

test('every metric of ours is on the dashboard', () => {
  const named = new Set(targets.flatMap(({ expr }) => metricsIn(expr)))
  const shown = ({ name }: { name: string }) => [name, `${name}_bucket`].some((each) => named.has(each))
  const ours = families.filter(({ name }) => name.startsWith('refund_'))
  expect(ours.filter((family) => !shown(family)).map(({ name }) => name)).toEqual([])
})

test('the labels and values that the dashboard asks for are there', () => {
  for (const { title, expr } of targets) {
    for (const { metric, label, value } of selectorsIn(expr)) {
      const family = families.find(({ name }) => [name, `${name}_bucket`, `${name}_count`].includes(metric))
      if (label === 'job' || family === undefined) continue
      expect(
        family.samples.map(({ labels }) => labels[label]),
        `${title}: ${metric}{${label}}`,
      ).toContain(value)
    }
  }
})

test('every figure is of the chosen fleet', () => {
  for (const { title, expr } of targets) {
    const figures = metricsIn(expr).filter((name) => name !== 'ALERTS')
    expect(
      selectorsIn(expr).filter(({ label, value }) => label === 'job' && value === '$job'),
      title,
    ).toHaveLength(figures.length)
  }
})

test('no panel lies on another', () => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24)
})

test('Grafana is told of the data source and of where the dashboard lies', () => {
  const sources: unknown = parse(read('provisioning/datasources/prometheus.yml'))
  expect(sources).toMatchObject({
    datasources: [{ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true }],
  })
  const providers: unknown = parse(read('provisioning/dashboards/refunds.yml'))
  expect(providers).toMatchObject({ providers: [{ type: 'file', options: { path: '/etc/refunds' } }] })
})
