import { z } from 'zod'
import type { Manifest } from './objects.ts'

const probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.union([z.string(), z.number()]) }).optional(),
  exec: z.object({ command: z.array(z.string()) }).optional(),
  periodSeconds: z.number().optional(),
  timeoutSeconds: z.number().default(1),
  failureThreshold: z.number().default(3),
})
const quantities = z.record(z.string(), z.union([z.string(), z.number()])).default({})

const container = z.object({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).default([]),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
  env: z
    .array(
      z.object({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z
          .object({
            fieldRef: z.object({ fieldPath: z.string() }).optional(),
            secretKeyRef: z
              .object({ name: z.string(), key: z.string(), optional: z.boolean().default(false) })
              .optional(),
          })
          .optional(),
      }),
    )
    .default([]),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  lifecycle: z
    .object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) })
    .optional(),
  resources: z.object({ requests: quantities, limits: quantities }).optional(),
  securityContext: z
    .object({
      allowPrivilegeEscalation: z.boolean().optional(),
      readOnlyRootFilesystem: z.boolean().optional(),
      privileged: z.boolean().optional(),
      capabilities: z.object({ drop: z.array(z.string()), add: z.array(z.string()).optional() }),
    })
    .optional(),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]),
})

const labels = z.record(z.string(), z.string())
const volume = z.object({
  name: z.string(),
  emptyDir: z.object({ sizeLimit: z.string().optional() }).optional(),
  hostPath: z.unknown().optional(),
  secret: z.object({ secretName: z.string() }).optional(),
  persistentVolumeClaim: z.object({ claimName: z.string() }).optional(),
})

const workloadSchema = z.object({
  kind: z.enum(['Deployment', 'StatefulSet']),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicas: z.number().optional(),
    serviceName: z.string().optional(),
    podManagementPolicy: z.string().optional(),
    persistentVolumeClaimRetentionPolicy: z
      .object({ whenDeleted: z.string(), whenScaled: z.string() })
      .optional(),
    selector: z.object({ matchLabels: labels }),
    volumeClaimTemplates: z
      .array(
        z.object({
          metadata: z.object({ name: z.string() }),
          spec: z.object({
            resources: z.object({ requests: z.object({ storage: z.string() }) }),
          }),
        }),
      )
      .default([]),
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        serviceAccountName: z.string().optional(),
        automountServiceAccountToken: z.boolean().optional(),
        enableServiceLinks: z.boolean().optional(),
        terminationGracePeriodSeconds: z.number().optional(),
        hostNetwork: z.boolean().optional(),
        hostPID: z.boolean().optional(),
        securityContext: z
          .object({
            runAsNonRoot: z.boolean(),
            runAsUser: z.number(),
            runAsGroup: z.number(),
            fsGroup: z.number().optional(),
            seccompProfile: z.object({ type: z.string() }),
          })
          .optional(),
        topologySpreadConstraints: z
          .array(z.object({ topologyKey: z.string(), labelSelector: z.unknown() }))
          .default([]),
        initContainers: z.array(container).default([]),
        containers: z.array(container),
        volumes: z.array(volume).default([]),
      }),
    }),
  }),
})

export type Workload = z.output<typeof workloadSchema>
export type Container = z.output<typeof container>

/** What runs pods, looked at with a schema. */
export function workloadsOf({ objects }: Manifest): readonly Workload[] {
  return objects
    .filter(({ kind }) => workloadSchema.shape.kind.safeParse(kind).success)
    .map((object) => workloadSchema.parse(object))
}

/** The one container of a workload. */
export function containerOf({ metadata, spec }: Workload): Container {
  const [first, ...others] = [
    ...spec.template.spec.initContainers,
    ...spec.template.spec.containers,
  ]
  if (first === undefined || others.length > 0) {
    throw new Error(`${metadata.name} has not just one container: look at all of them`)
  }
  return first
}

/** Whether a workload runs poglog, and not a program of others. */
export const isPoglog = (workload: Workload): boolean =>
  /(^|\/)poglog:/.test(containerOf(workload).image)

/** The number that a port of a container is called by, or has. */
export function portOf({ ports }: Container, port: string | number): number | undefined {
  return ports.find(({ name, containerPort }) => name === port || containerPort === port)
    ?.containerPort
}
