import { expect, test } from 'vitest'
import { documents, documentsIn, FOLDER, read } from './documents.ts'
import type { Kinds } from './kinds.ts'
import { kindOf, schemaFaults } from './schema-faults.ts'

/** Compiling takes its time on a busy machine. */
const timeout = 60_000

const COUNTS: Readonly<Record<keyof Kinds, number>> = {
  'v1 Namespace': 1,
  'v1 Service': 2,
  'apps/v1 Deployment': 5,
  'policy/v1 PodDisruptionBudget': 5,
  'networking.k8s.io/v1 NetworkPolicy': 5,
  'networking.k8s.io/v1 Ingress': 1,
  'keda.sh/v1alpha1 ScaledObject': 2,
  'monitoring.coreos.com/v1 ServiceMonitor': 1,
  'kustomize.config.k8s.io/v1beta1 Kustomization': 2,
  'kustomize.config.k8s.io/v1alpha1 Component': 6,
}

test('every document of deploy/kubernetes is of a known kind and as the Kubernetes API has it', { timeout }, () => {
  const kinds = Map.groupBy(documents, kindOf)
  expect(Object.fromEntries([...kinds].map(([kind, each]) => [kind, each.length]))).toEqual(COUNTS)
  expect(schemaFaults(documents)).toEqual([])
})

test.each([
  ['an unknown field', 'base/submit.yaml', 'minReadySeconds: 10', 'minReadySecond: 10', 'minReadySecond'],
  ['an unknown field deep inside', 'base/submit.yaml', 'readOnlyRootFilesystem', 'readOnlyFilesystem', 'readOnlyFil'],
  ['a text for a number', 'base/submit.yaml', 'replicas: 2', 'replicas: two', "'number'"],
  ['a number for a text', 'base/submit.yaml', 'memory: 256Mi', 'memory: 256', "'string'"],
  ['a switch for a text', 'base/admin.yaml', 'value: admin', 'value: on', "'string'"],
  ['a missing field', 'base/submit.yaml', 'mountPath: /run/secrets/redis, ', '', 'mountPath'],
  ['a field at the wrong place', 'base/submit.yaml', 'strategy:\n', 'strategy:\n    paused: true\n', 'paused'],
  [
    'another version of a kind',
    'base/submit.yaml',
    'policy/v1',
    'policy/v1beta1',
    'policy/v1beta1 PodDisruptionBudget',
  ],
  ['an unknown kind', 'ingress/ingress.yaml', 'kind: Ingress', 'kind: Ingres', 'networking.k8s.io/v1 Ingres'],
  ['a number among texts of KEDA', 'keda/scaled-objects.yaml', 'threshold: "50"', 'threshold: 50', "'string'"],
  ['an unknown field of KEDA', 'keda/scaled-objects.yaml', 'maxReplicaCount', 'maxReplicas', 'maxReplicas'],
  ['an unknown field of a monitor', 'service-monitor/service-monitor.yaml', 'path:', 'paths:', 'paths'],
  ['an unknown field of kustomize', 'keda/kustomization.yaml', 'resources:', 'resource:', 'resource'],
])('%s is found', { timeout }, (_, file, right, wrong, named) => {
  const text = read(`${FOLDER}/${file}`)
  expect(text).toContain(right)
  const faults = schemaFaults(documentsIn(file, text.replace(right, wrong)))
  expect(faults.length).toBeGreaterThan(0)
  expect(faults.join('\n')).toContain(named)
})

test('a key that stands twice is found', () => {
  const text = read(`${FOLDER}/base/submit.yaml`).replace('replicas: 2', 'replicas: 2\n  replicas: 3')
  expect(() => documentsIn('base/submit.yaml', text)).toThrow('base/submit.yaml')
})
