import { expect, test } from 'vitest'
import { z } from 'zod'
import { type SettingName, schema } from '../../config/schema.ts'
import { QUERY_QUEUE, REFUND_QUEUE } from '../../src/queue/names.ts'
import { families, metricNames } from '../deploy/metrics.ts'
import { metricsIn, selectorsIn } from '../deploy/promql.ts'
import { documents } from './documents.ts'
import {
  containerOf,
  deploymentOf,
  deployments,
  isChosenBy,
  kustomization,
  roleOf,
  scaledObjects,
  serviceMonitors,
  services,
} from './manifests.ts'

const NAMESPACE = 'refunds'
/** Prometheus gives the one, and names of queues are compared below. */
const ASIDE = new Set(['namespace', 'queue'])
const CONCURRENCY: Readonly<Record<string, SettingName>> = {
  'refund-submit': 'SUBMIT_CONCURRENCY',
  'refund-query': 'QUERY_CONCURRENCY',
}

const scaled = scaledObjects.map(({ spec }) =>
  Object.assign(spec, { target: spec.scaleTargetRef.name, query: spec.triggers[0].metadata.query }),
)

test('submit and query are scaled, and nothing is that has no backlog', () => {
  const targets = scaled.map(({ target }) => target).toSorted()
  expect(targets).toEqual(Object.keys(CONCURRENCY).toSorted())
  const kinds = documents.map(({ content }) => z.looseObject({ kind: z.string() }).parse(content).kind)
  expect(kinds).not.toContain('HorizontalPodAutoscaler')
})

test.each(scaled)('$target is scaled by figures that the admin server has', ({ query }) => {
  const names = metricsIn(query)
  expect(names).toContain('refund_queue_jobs')
  expect(names.filter((name) => !metricNames.has(name))).toEqual([])
  for (const { metric, label, value } of selectorsIn(query).filter((each) => !ASIDE.has(each.label))) {
    const samples = families.find(({ name }) => name === metric)?.samples ?? []
    expect(
      samples.map(({ labels }) => labels[label]),
      `${metric}{${label}}`,
    ).toContain(value)
  }
})

test.each(scaled)(
  '$target is scaled by the backlog of its own fleet, told once, without what waits for its time',
  ({ query, target }) => {
    const asked = selectorsIn(query)
    const read = new Set(metricsIn(query))
    for (const metric of read) expect(asked).toContainEqual({ metric, label: 'namespace', value: NAMESPACE })
    const queue = target === 'refund-submit' ? REFUND_QUEUE : QUERY_QUEUE
    expect(asked.filter(({ label }) => label === 'queue').map(({ value }) => value)).toEqual([queue])
    const states = asked.filter(({ label }) => label === 'job_state').map(({ value }) => value)
    expect(states.toSorted()).toEqual(['active', 'prioritized', 'waiting'])
    // two admin servers say the same
    expect(query.match(/\bmax\b/g)).toHaveLength(read.size)
  },
)

test.each(scaled)('$target has a process for as many jobs as one takes at once, never less than two', (spec) => {
  const setting = CONCURRENCY[spec.target]
  expect(spec.triggers[0].metadata.threshold).toBe(setting && schema[setting].shownDefault.replaceAll('`', ''))
  expect(spec.minReplicaCount).toBeGreaterThanOrEqual(2)
  expect(spec.maxReplicaCount).toBeGreaterThan(spec.minReplicaCount)
  // a Prometheus that is away takes no process away
  expect(spec.fallback).toMatchObject({ replicas: spec.minReplicaCount, behavior: 'currentReplicasIfHigher' })
  expect(spec.triggers[0].metadata).toMatchObject({ ignoreNullValues: 'false' })
})

test('a scaled Deployment names no number of its own, which every apply would set it back to', () => {
  const patches = documents.flatMap(({ content }) => kustomization.safeParse(content).data?.patches ?? [])
  expect(patches.map(({ patch }) => patch)).toEqual(['- op: remove\n  path: /spec/replicas\n'])
  const chosen = new RegExp(`^(${patches[0]?.target.name})$`)
  const hit = deployments.map(({ metadata }) => metadata.name).filter((name) => chosen.test(name))
  expect(hit.toSorted()).toEqual(scaled.map(({ target }) => target).toSorted())
})

test('Prometheus asks the admin server, for its metrics, under a job whose absence alerts', () => {
  expect(serviceMonitors).toHaveLength(1)
  const [monitor] = serviceMonitors
  const asked = services.filter(({ metadata }) => isChosenBy(monitor?.spec.selector.matchLabels ?? {}, metadata.labels))
  // the operator names the job after the Service
  expect(asked.map(({ metadata }) => metadata.name)).toEqual(['refund-admin'])
  expect(monitor?.spec.endpoints).toMatchObject([{ port: asked[0]?.spec.ports[0]?.name, path: '/metrics' }])
  expect(containerOf(deploymentOf('admin')).ports.map(({ name }) => name)).toContain(
    asked[0]?.spec.ports[0]?.targetPort,
  )
  expect(deployments.map(roleOf)).toContain('admin')
})

test('the namespace is one everywhere', () => {
  const named = documents.flatMap(({ content }) => {
    const { namespace } = kustomization.partial().safeParse(content).data ?? {}
    return namespace ?? []
  })
  expect(named).toEqual([NAMESPACE])
  const made = documents.flatMap(({ content }) => {
    const found = z.looseObject({ kind: z.literal('Namespace'), metadata: z.looseObject({ name: z.string() }) })
    return found.safeParse(content).data?.metadata.name ?? []
  })
  expect(made).toEqual([NAMESPACE])
})
