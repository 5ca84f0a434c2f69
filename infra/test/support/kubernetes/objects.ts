import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { ensureKustomize } from '../../../src/install-kustomize.ts'
import { ROOT } from '../../../src/steps.ts'

const FOLDER = join(ROOT, 'k8s')
/** Below a node_modules, so that no other check looks at it. */
export const CACHE = join(ROOT, 'infra/node_modules/.cache')

const labels = z.record(z.string(), z.string()).default({})
const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional(), labels }),
})

/** One object as it would be applied. */
export type KubernetesObject = z.output<typeof objectSchema>

/** A set of objects that is applied as a whole. */
export interface Manifest {
  readonly name: string
  readonly objects: readonly KubernetesObject[]
}

/** What `kubectl apply -k` would apply of each overlay, and of production with the components that no overlay has. */
export function renderOverlays(): readonly Manifest[] {
  const overlays = readdirSync(join(FOLDER, 'overlays')).map((name) => ({
    name,
    objects: parseObjects(kustomize(join(FOLDER, 'overlays', name))),
  }))
  return [...overlays, { name: 'production-and-more', objects: renderUnused() }]
}

function kustomize(folder: string): string {
  return execFileSync(ensureKustomize(), ['build', folder], { encoding: 'utf8' })
}

function renderUnused(): readonly KubernetesObject[] {
  const used = readdirSync(join(FOLDER, 'overlays'))
    .map((name) => readFileSync(join(FOLDER, 'overlays', name, 'kustomization.yaml'), 'utf8'))
    .join('\n')
  const unused = readdirSync(join(FOLDER, 'components')).filter(
    (name) => !used.includes(`/components/${name}\n`),
  )
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'overlay-'))
  try {
    // Kustomize takes relative paths only; JSON is YAML.
    const overlay = {
      resources: [relative(folder, join(FOLDER, 'overlays/production'))],
      components: unused.map((name) => relative(folder, join(FOLDER, 'components', name))),
    }
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(overlay))
    return parseObjects(kustomize(folder))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The examples, which nothing applies. */
export function readExamples(): readonly Manifest[] {
  return readdirSync(join(FOLDER, 'examples')).map((name) => ({
    name,
    objects: parseObjects(readFileSync(join(FOLDER, 'examples', name), 'utf8')),
  }))
}

/** What `k8s/prometheus-rule.sh` prints. */
export function printRules(): Manifest {
  const script = join(FOLDER, 'prometheus-rule.sh')
  return {
    name: 'rules',
    objects: parseObjects(execFileSync('sh', [script], { encoding: 'utf8' })),
  }
}

/** @throws {Error} when the text is no YAML, or holds what is no object of Kubernetes. */
function parseObjects(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text).map((document) => {
    const [error] = document.errors
    if (error !== undefined) throw error
    return objectSchema.parse(document.toJS())
  })
}

/** The objects of one kind, looked at with the schema of what a test wants of them. */
export function ofKind<Schema extends z.ZodType>(
  { objects }: Manifest,
  { kind, schema }: { readonly kind: string; readonly schema: Schema },
): readonly z.output<Schema>[] {
  return objects.filter((object) => object.kind === kind).map((object) => schema.parse(object))
}
