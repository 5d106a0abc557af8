import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schema } from '../../config/schema.ts'
import { read } from './documents.ts'
import {
  budgets,
  containerOf,
  deploymentOf,
  deployments,
  isChosenBy,
  podLabels,
  podOf,
  roleOf,
  services,
} from './manifests.ts'

const ROLES = ['admin', 'publish', 'query', 'receive', 'submit']
const defaultOf = (name: 'SHUTDOWN_GRACE_MS' | 'RECEIVER_PORT' | 'ADMIN_PORT') =>
  Number(schema[name].shownDefault.replaceAll('`', ''))

test('every role has a Deployment of two pods and more that runs its program of the image', () => {
  expect(deployments.map(roleOf).toSorted()).toEqual(ROLES)
  for (const each of deployments) {
    const { image, command, name } = containerOf(each)
    expect(each.metadata.name).toBe(`refund-${name}`)
    expect(image).toBe('lianlian-refund-worker')
    expect(command).toEqual(['node', `dist/workers/${name}.js`])
    expect(existsSync(new URL(`../../workers/${name}.ts`, import.meta.url)), name).toBe(true)
    expect(each.spec.replicas).toBeGreaterThanOrEqual(2)
  }
})

test('no pod can do more than it needs: the user of the image, nothing written, no capability, no token', () => {
  const [, uid, gid] = /^USER (\d+):(\d+)$/m.exec(read('Dockerfile')) ?? []
  expect(Number(uid)).toBeGreaterThan(0)
  for (const each of deployments) {
    expect(podOf(each)).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: Number(uid),
        runAsGroup: Number(gid),
        fsGroup: Number(gid),
        seccompProfile: { type: 'RuntimeDefault' },
      },
    })
    expect(containerOf(each).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    for (const name of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers'])
      expect(podOf(each)).not.toHaveProperty(name)
  }
})

test('no Service can set a setting: its variables stay out of the pods', () => {
  for (const each of deployments) expect(podOf(each)).toMatchObject({ enableServiceLinks: false })
})

test('every pod has its labels, and its Deployment, budget and spread choose the pods of its role alone', () => {
  for (const each of deployments) {
    const own = podLabels(each)
    const spreads = podOf(each).topologySpreadConstraints
    expect(spreads.map(({ topologyKey }) => topologyKey)).toEqual([
      'topology.kubernetes.io/zone',
      'kubernetes.io/hostname',
    ])
    // a node that is full must not keep a worker from running
    expect(new Set(spreads.map(({ whenUnsatisfiable }) => whenUnsatisfiable))).toEqual(new Set(['ScheduleAnyway']))
    const ofPods = budgets.filter(({ spec }) => isChosenBy(spec.selector.matchLabels, own))
    expect(ofPods.map(({ metadata }) => metadata.name)).toEqual([each.metadata.name])
    for (const { matchLabels } of [each.spec.selector, ...spreads.map(({ labelSelector }) => labelSelector)]) {
      const chosen = deployments.filter((other) => isChosenBy(matchLabels, podLabels(other)))
      expect(chosen.map(roleOf)).toEqual([roleOf(each)])
    }
  }
  expect(budgets).toHaveLength(deployments.length)
})

test('one pod of a role may be away at a time, and one that is not ready never keeps a node from being drained', () => {
  for (const { spec } of budgets)
    expect(spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' })
})

test('a pod is given the time of its worker, of its pause before the stop, and 20 s', () => {
  for (const each of deployments) {
    const pause = Number(containerOf(each).lifecycle?.preStop.exec.command.at(-1) ?? 0)
    const needed = pause + defaultOf('SHUTDOWN_GRACE_MS') / 1000 + 20
    expect(podOf(each).terminationGracePeriodSeconds, roleOf(each)).toBeGreaterThanOrEqual(needed)
  }
  // requests still come in while every node learns that the pod is on its way out
  expect(containerOf(deploymentOf('receive')).lifecycle).toBeDefined()
})

test('the workers are asked by the program of the image, the admin server by its routes', () => {
  const health = JSON.parse(/^HEALTHCHECK .* CMD (\[.*\])$/m.exec(read('Dockerfile'))?.[1] ?? '[]')
  for (const each of deployments) {
    const { readinessProbe, livenessProbe } = containerOf(each)
    if (roleOf(each) === 'admin') {
      expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' })
      expect(livenessProbe.httpGet).toEqual({ path: '/livez', port: 'http' })
    } else {
      for (const probe of [readinessProbe, livenessProbe]) expect(probe.exec?.command).toEqual(health)
    }
  }
})

test('no worker is ended because Redis is away for ten minutes', () => {
  for (const each of deployments.filter((one) => roleOf(one) !== 'admin')) {
    const { periodSeconds, failureThreshold } = containerOf(each).livenessProbe
    expect(periodSeconds * failureThreshold).toBeGreaterThan(600)
  }
  // nor a server that does not listen yet
  for (const role of ['receive', 'admin']) {
    const { startupProbe } = containerOf(deploymentOf(role))
    expect(startupProbe?.tcpSocket).toEqual({ port: 'http' })
    expect((startupProbe?.periodSeconds ?? 0) * (startupProbe?.failureThreshold ?? 0)).toBeGreaterThan(600)
  }
})

test('the ports are those of the settings, and nobody else listens', () => {
  const open = deployments.flatMap((each) =>
    containerOf(each).ports.map(({ name, containerPort }) => `${roleOf(each)} ${name} ${containerPort}`),
  )
  expect(open.toSorted()).toEqual([
    `admin http ${defaultOf('ADMIN_PORT')}`,
    `receive http ${defaultOf('RECEIVER_PORT')}`,
  ])
  expect(read('Dockerfile')).toContain(`EXPOSE ${defaultOf('RECEIVER_PORT')} ${defaultOf('ADMIN_PORT')}\n`)
})

test('a Service stands before the two servers, and before nothing else', () => {
  const chosen = services.map(({ metadata, spec }) => ({
    name: metadata.name,
    roles: deployments.filter((each) => isChosenBy(spec.selector, podLabels(each))).map(roleOf),
    ports: spec.ports.map(({ name, targetPort }) => `${name} ${targetPort}`),
  }))
  expect(chosen.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: 'refund-admin', roles: ['admin'], ports: ['http http'] },
    { name: 'refund-receive', roles: ['receive'], ports: ['http http'] },
  ])
})

test('memory is bounded, and the processor is not: a worker that is held back answers late', () => {
  for (const each of deployments) {
    const { requests, limits } = containerOf(each).resources
    expect(Object.keys(requests).toSorted()).toEqual(['cpu', 'memory'])
    expect(Object.keys(limits)).toEqual(['memory'])
  }
})
