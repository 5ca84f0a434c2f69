import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../src/steps.ts'
import { typeModuleOf } from './models.ts'
import { CACHE } from './objects.ts'
import type { KubernetesObject, Manifest } from './objects.ts'

const COMPILER_OPTIONS = {
  module: 'nodenext',
  target: 'es2024',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
}

/**
 * Has the type checker compare objects with the interfaces of their models: it alone finds fields that do not exist.
 *
 * @returns what it says, empty when all is well.
 */
export function checkTypes(manifests: readonly Manifest[]): string {
  mkdirSync(CACHE, { recursive: true })
  // The models are found from there.
  const folder = mkdtempSync(join(CACHE, 'objects-'))
  try {
    const files = manifests.map(({ name }) => `${name}.ts`)
    for (const { name, objects } of manifests) {
      writeFileSync(join(folder, `${name}.ts`), toModule(objects))
    }
    const project = { compilerOptions: COMPILER_OPTIONS, files }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    return spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.', '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function toModule(objects: readonly KubernetesObject[]): string {
  const imports = new Set(
    objects.map((object) => `import type { I${object.kind} } from '${typeModuleOf(object)}'`),
  )
  const values = objects.map(
    (object) => `  ${JSON.stringify(object, undefined, 2)} satisfies I${object.kind},`,
  )
  return [...imports, 'export const objects = [', ...values, ']', ''].join('\n')
}
