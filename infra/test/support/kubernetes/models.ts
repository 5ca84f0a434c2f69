import type { Model } from '@kubernetes-models/base'
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject'
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor'
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import { Secret } from 'kubernetes-models/v1/Secret'
import { Service } from 'kubernetes-models/v1/Service'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import type { KubernetesObject } from './objects.ts'

interface ModelClass {
  readonly apiVersion: string
  readonly kind: string
  new (): Model<unknown>
}

/** Every kind that is used, by the folder of modules, one a kind, that have its model and its type. */
const FOLDERS: Readonly<Record<string, readonly ModelClass[]>> = {
  'kubernetes-models/apps/v1': [Deployment, StatefulSet],
  'kubernetes-models/autoscaling/v2': [HorizontalPodAutoscaler],
  'kubernetes-models/networking.k8s.io/v1': [Ingress, NetworkPolicy],
  'kubernetes-models/policy/v1': [PodDisruptionBudget],
  'kubernetes-models/v1': [
    ConfigMap,
    Namespace,
    PersistentVolumeClaim,
    Secret,
    Service,
    ServiceAccount,
  ],
  '@kubernetes-models/keda/keda.sh/v1alpha1': [ScaledObject],
  '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1': [PodMonitor, PrometheusRule],
  '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1': [HTTPRoute],
}

/** @throws {Error} when a field is missing or its value is none that it may have. Unknown fields pass. */
export function validate(object: KubernetesObject): void {
  const { Model } = modelOf(object)
  Object.assign(new Model(), object).validate()
}

/** The module with the TypeScript interface of an object, `I` and its kind. */
export const typeModuleOf = (object: KubernetesObject): string => modelOf(object).module

function modelOf({ apiVersion, kind }: KubernetesObject): {
  readonly module: string
  readonly Model: ModelClass
} {
  for (const [folder, models] of Object.entries(FOLDERS)) {
    const Model = models.find((model) => model.apiVersion === apiVersion && model.kind === kind)
    if (Model !== undefined) return { module: `${folder}/${kind}`, Model }
  }
  throw new Error(`no model of ${apiVersion} ${kind}: name it here`)
}
