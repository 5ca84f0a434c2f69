import { cpSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import process from 'node:process'
import ignore from '@balena/dockerignore'
import { Copy, DockerfileParser, From, type Dockerfile, type Instruction } from 'dockerfile-ast'
import { ROOT } from '../steps.ts'
import { Stage } from './stage.ts'

/** What the image says about how it is run. */
export interface ImageConfig {
  readonly env: Readonly<Record<string, string>>
  readonly user: string
  readonly entrypoint: readonly string[]
  readonly healthcheck: readonly string[]
  readonly volume: string
}

/** Carries out the steps of a Dockerfile, one after the other, in folders. Returns the last stage. */
export function buildImage(file: string, dir: string): { stage: Stage; config: ImageConfig } {
  const dockerfile = DockerfileParser.parse(readFileSync(file, 'utf8'))
  const stages = new Map<string, Stage>()
  let stage = baseOf(dir)
  const base = stage
  for (const instruction of dockerfile.getInstructions()) {
    console.log(`\n--- ${instruction.toString().split('\n')[0]}`)
    if (instruction instanceof From) {
      const name = instruction.getBuildStage() ?? 'image'
      stage = new Stage(name, dir, stages.get(instruction.getImage() ?? '') ?? base)
      stages.set(name, stage)
    } else carryOut(instruction, stage, stages)
  }
  return { stage, config: configOf(dockerfile) }
}

/** This machine with the Node that runs this where the Node of the official image is. */
function baseOf(dir: string): Stage {
  const base = new Stage('base', dir)
  mkdirSync(base.inside('/usr/local/bin'), { recursive: true })
  cpSync(process.execPath, base.inside('/usr/local/bin/node'))
  return base
}

function carryOut(instruction: Instruction, stage: Stage, stages: Map<string, Stage>): void {
  const text = instruction.getRawArgumentsContent() ?? ''
  switch (instruction.getKeyword()) {
    case 'WORKDIR':
      stage.workdir = text
      mkdirSync(stage.inside(text), { recursive: true })
      break
    case 'RUN':
      stage.run(text.replace(/^(--\S+\s+(\\\n\s*)?)+/, ''))
      break
    case 'COPY':
      if (instruction instanceof Copy) copy(instruction, stage, stages)
      break
    default: // what is left says how the image is run: see configOf
  }
}

function copy(instruction: Copy, stage: Stage, stages: Map<string, Stage>): void {
  const paths = instruction.getArguments().map((argument) => argument.getValue())
  const to = paths.pop() ?? ''
  const from = stages.get(instruction.getFromFlag()?.getValue() ?? '')
  const isIncluded = from === undefined ? contextFilter() : () => true
  for (const path of paths) {
    const source = from === undefined ? join(ROOT, path) : from.inside(path)
    const target = stage.inside(to)
    const isFolder = statSync(source).isDirectory()
    const into = !isFolder && to.endsWith('/') ? join(target, basename(source)) : target
    mkdirSync(isFolder ? into : dirname(into), { recursive: true })
    cpSync(source, into, {
      recursive: true,
      verbatimSymlinks: true,
      force: true,
      filter: (each) => each === source || isIncluded(each),
    })
  }
}

/** What `.dockerignore` lets through. A folder goes in when anything below it does. */
function contextFilter(): (path: string) => boolean {
  const rules = ignore.default().add(readFileSync(join(ROOT, '.dockerignore'), 'utf8'))
  return function isIncluded(path: string): boolean {
    const inRoot = relative(ROOT, path)
    if (basename(path) === 'node_modules') return false
    if (!rules.ignores(inRoot)) return true
    if (!statSync(path).isDirectory()) return false
    return readdirSync(path).some((name) => isIncluded(join(path, name)))
  }
}

function configOf(dockerfile: Dockerfile): ImageConfig {
  const argumentsOf = (keyword: string): string => {
    const found = dockerfile.getInstructions().findLast((each) => each.getKeyword() === keyword)
    return found?.getRawArgumentsContent() ?? ''
  }
  const properties = dockerfile.getENVs().flatMap((env) => env.getProperties())
  return {
    env: Object.fromEntries(properties.map((each) => [each.getName(), each.getValue() ?? ''])),
    user: argumentsOf('USER'),
    entrypoint: listIn(argumentsOf('ENTRYPOINT')),
    healthcheck: listIn(argumentsOf('HEALTHCHECK')),
    volume: argumentsOf('VOLUME'),
  }
}

/** The strings of the JSON form of a command, whatever flags stand before it. */
function listIn(text: string): string[] {
  return [...text.slice(text.indexOf('[')).matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '')
}
