import { z } from 'zod'
import { documents } from './documents.ts'

const labels = z.record(z.string(), z.string())
const selector = z.strictObject({ matchLabels: labels })
const metadata = z.looseObject({ name: z.string(), namespace: z.string().optional() })
const exec = z.strictObject({ command: z.array(z.string()) })

const probe = z.looseObject({
  exec: exec.optional(),
  httpGet: z.strictObject({ path: z.string(), port: z.string() }).optional(),
  tcpSocket: z.strictObject({ port: z.string() }).optional(),
  periodSeconds: z.int(),
  failureThreshold: z.int(),
})

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
  envFrom: z.array(z.strictObject({ configMapRef: z.strictObject({ name: z.string() }) })),
  ports: z.array(z.strictObject({ name: z.string(), containerPort: z.int() })).default([]),
  lifecycle: z.strictObject({ preStop: z.strictObject({ exec }) }).optional(),
  startupProbe: probe.optional(),
  readinessProbe: probe,
  livenessProbe: probe,
  volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean() })),
  resources: z.strictObject({ requests: labels, limits: labels }),
  securityContext: z.unknown(),
})

const deployment = z.looseObject({
  kind: z.literal('Deployment'),
  metadata,
  spec: z.looseObject({
    replicas: z.int(),
    selector,
    template: z.looseObject({
      metadata: z.strictObject({ labels }),
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.int(),
        topologySpreadConstraints: z.array(
          z.looseObject({ topologyKey: z.string(), whenUnsatisfiable: z.string(), labelSelector: selector }),
        ),
        containers: z.tuple([container]),
        volumes: z.array(
          z.strictObject({
            name: z.string(),
            secret: z.strictObject({ secretName: z.string(), defaultMode: z.int(), optional: z.boolean().optional() }),
          }),
        ),
      }),
    }),
  }),
})

const budget = z.looseObject({
  kind: z.literal('PodDisruptionBudget'),
  metadata,
  spec: z.strictObject({ maxUnavailable: z.int(), unhealthyPodEvictionPolicy: z.string(), selector }),
})

const service = z.looseObject({
  kind: z.literal('Service'),
  metadata: metadata.extend({ labels }),
  spec: z.strictObject({
    selector: labels,
    ports: z.array(z.strictObject({ name: z.string(), port: z.int(), targetPort: z.string() })),
  }),
})

const ingress = z.looseObject({
  kind: z.literal('Ingress'),
  metadata,
  spec: z.looseObject({
    tls: z.array(z.strictObject({ hosts: z.array(z.string()), secretName: z.string() })),
    rules: z.array(z.strictObject({ host: z.string(), http: z.strictObject({ paths: z.array(z.unknown()) }) })),
  }),
})

const podSelector = z.strictObject({
  matchLabels: labels.default({}),
  matchExpressions: z
    .array(z.strictObject({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }))
    .default([]),
})
const peer = z.strictObject({
  namespaceSelector: selector.optional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()) }).optional(),
})
const ports = z.array(z.strictObject({ protocol: z.enum(['TCP', 'UDP']), port: z.int() }))

const networkPolicy = z.looseObject({
  kind: z.literal('NetworkPolicy'),
  metadata,
  spec: z.strictObject({
    podSelector,
    policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
    ingress: z.array(z.strictObject({ from: z.array(peer).min(1), ports })).default([]),
    egress: z.array(z.strictObject({ to: z.array(peer).min(1), ports })).default([]),
  }),
})

const scaledObject = z.looseObject({
  kind: z.literal('ScaledObject'),
  metadata,
  spec: z.looseObject({
    scaleTargetRef: z.strictObject({ name: z.string() }),
    minReplicaCount: z.int(),
    maxReplicaCount: z.int(),
    fallback: z.looseObject({ replicas: z.int() }),
    triggers: z.tuple([z.looseObject({ metadata: z.looseObject({ query: z.string(), threshold: z.string() }) })]),
  }),
})

const serviceMonitor = z.looseObject({
  kind: z.literal('ServiceMonitor'),
  spec: z.looseObject({
    selector,
    endpoints: z.array(z.looseObject({ port: z.string(), path: z.string() })),
  }),
})

export const kustomization = z.looseObject({
  kind: z.enum(['Kustomization', 'Component']),
  namespace: z.string().optional(),
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  configMapGenerator: z
    .array(z.looseObject({ name: z.string(), behavior: z.string().optional(), envs: z.array(z.string()) }))
    .default([]),
  patches: z
    .array(z.strictObject({ target: z.strictObject({ kind: z.string(), name: z.string() }), patch: z.string() }))
    .default([]),
  images: z.array(z.looseObject({ name: z.string() })).default([]),
})

export type Deployment = z.infer<typeof deployment>
export type NetworkPolicy = z.infer<typeof networkPolicy>

/** All documents of a kind, in the form that the tests need. */
function all<T>(schema: z.ZodType<T>, kind: string): readonly T[] {
  return documents
    .filter(({ content }) => z.looseObject({ kind: z.string() }).parse(content).kind === kind)
    .map(({ content }) => schema.parse(content))
}

export const deployments = all(deployment, 'Deployment')
export const budgets = all(budget, 'PodDisruptionBudget')
export const services = all(service, 'Service')
export const ingresses = all(ingress, 'Ingress')
export const networkPolicies = all(networkPolicy, 'NetworkPolicy')
export const scaledObjects = all(scaledObject, 'ScaledObject')
export const serviceMonitors = all(serviceMonitor, 'ServiceMonitor')

/** The labels of its pods. */
export const podLabels = ({ spec }: Deployment) => spec.template.metadata.labels
export const podOf = ({ spec }: Deployment) => spec.template.spec
export const containerOf = ({ spec }: Deployment) => spec.template.spec.containers[0]
export const roleOf = (one: Deployment): string => containerOf(one).name

export function deploymentOf(role: string): Deployment {
  const found = deployments.find((one) => roleOf(one) === role)
  if (found === undefined) throw new Error(`deploy/kubernetes has no Deployment of the role ${role}`)
  return found
}

export const isChosenBy = (
  chosen: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): boolean => Object.entries(chosen).every(([key, value]) => given[key] === value)
