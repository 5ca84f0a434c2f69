import type { Model } from '@kubernetes-models/base'
import { HTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1'
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import {
  ConfigMap,
  Namespace,
  PersistentVolumeClaim,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-models/v1'
import type { KubernetesObject } from './objects.ts'

interface ModelClass {
  readonly apiVersion: string
  readonly kind: string
  new (): Model<unknown>
}

/** Every kind that is used, by the module that has its model and its type. */
const MODULES: Readonly<Record<string, readonly ModelClass[]>> = {
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
  '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1': [PodMonitor],
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
  for (const [module, models] of Object.entries(MODULES)) {
    const Model = models.find((model) => model.apiVersion === apiVersion && model.kind === kind)
    if (Model !== undefined) return { module, Model }
  }
  throw new Error(`no model of ${apiVersion} ${kind}: name it here`)
}
