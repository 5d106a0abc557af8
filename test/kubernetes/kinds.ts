import type { Deployment } from 'kubernetes-types/apps/v1.js'
import type { HorizontalPodAutoscalerBehavior } from 'kubernetes-types/autoscaling/v2.js'
import type { Namespace, Service } from 'kubernetes-types/core/v1.js'
import type { LabelSelector, ObjectMeta } from 'kubernetes-types/meta/v1.js'
import type { Ingress, NetworkPolicy } from 'kubernetes-types/networking/v1.js'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'

/** What may stand in deploy/kubernetes/, by `apiVersion kind`. Kinds that no package describes have the fields we use. */
export interface Kinds {
  'v1 Namespace': Namespace
  'v1 Service': Service
  'apps/v1 Deployment': Deployment
  'policy/v1 PodDisruptionBudget': PodDisruptionBudget
  'networking.k8s.io/v1 NetworkPolicy': NetworkPolicy
  'networking.k8s.io/v1 Ingress': Ingress
  'keda.sh/v1alpha1 ScaledObject': ScaledObject
  'monitoring.coreos.com/v1 ServiceMonitor': ServiceMonitor
  'kustomize.config.k8s.io/v1beta1 Kustomization': Kustomization<'v1beta1', 'Kustomization'>
  'kustomize.config.k8s.io/v1alpha1 Component': Kustomization<'v1alpha1', 'Component'>
}

/** https://keda.sh/docs/latest/reference/scaledobject-spec/ and .../scalers/prometheus/ */
interface ScaledObject {
  apiVersion: 'keda.sh/v1alpha1'
  kind: 'ScaledObject'
  metadata: ObjectMeta
  spec: {
    scaleTargetRef: { name: string; kind?: string; apiVersion?: string }
    minReplicaCount: number
    maxReplicaCount: number
    pollingInterval?: number
    cooldownPeriod?: number
    fallback: {
      failureThreshold: number
      replicas: number
      behavior?: 'static' | 'currentReplicas' | 'currentReplicasIfHigher' | 'currentReplicasIfLower'
    }
    advanced?: { horizontalPodAutoscalerConfig: { name?: string; behavior: HorizontalPodAutoscalerBehavior } }
    triggers: {
      type: 'prometheus'
      // the only kind that a fallback goes with
      metricType: 'AverageValue'
      // every value is text
      metadata: {
        serverAddress: string
        query: string
        threshold: string
        activationThreshold?: string
        ignoreNullValues?: 'true' | 'false'
      }
    }[]
  }
}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor */
interface ServiceMonitor {
  apiVersion: 'monitoring.coreos.com/v1'
  kind: 'ServiceMonitor'
  metadata: ObjectMeta
  spec: {
    selector: LabelSelector
    endpoints: { port: string; path: string; interval: string; scrapeTimeout: string }[]
  }
}

/** https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */
interface Kustomization<Version extends string, Kind extends string> {
  apiVersion: `kustomize.config.k8s.io/${Version}`
  kind: Kind
  namespace?: string
  resources?: string[]
  components?: string[]
  configMapGenerator?: { name: string; behavior?: 'create' | 'merge' | 'replace'; envs: string[] }[]
  patches?: { target: { kind: string; name: string }; patch: string }[]
  images?: { name: string; newName: string; newTag: string }[]
}
