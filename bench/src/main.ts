import { access } from 'node:fs/promises'
import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import type { Bench, Row } from './bench.ts'
import { renderTable } from './table.ts'

/** Every bench is a file of this name beside this one, which exports `bench`; one without a file is not built yet. */
const NAMES = ['parser', 'ingest', 'archive', 'query'] as const

type Name = (typeof NAMES)[number]

const command = new Command()
  .name('npm run bench --')
  .description('measures poglog against its peers, in one run')
  .argument(
    '[name]',
    `what to measure: ${NAMES.join(', ')}; all that exist where none is given`,
    asName,
  )
  .option('--json', 'print one JSON object as the last line')
  .option('--corpus <file>', 'measure with these IRC lines instead of generated ones')
  .parse()

const [asked] = command.processedArgs
const { json: isJson = false, corpus } = command.opts()
const results: Partial<Record<Name, readonly Row[]>> = {}

for (const name of asked === undefined ? NAMES : [asked]) {
  const bench = await loadBench(name)
  if (bench === undefined) {
    if (asked !== undefined) command.error(`error: the bench '${name}' does not exist yet`)
    continue
  }
  console.log(`\n${name}: ${bench.description}`)
  const rows = await bench.run({ corpus })
  results[name] = rows
  console.log(renderTable(rows))
}
if (isJson) console.log(JSON.stringify(results))

function asName(value: string): Name {
  const name = NAMES.find((known) => known === value)
  if (name === undefined) throw new InvalidArgumentError(`It is none of ${NAMES.join(', ')}.`)
  return name
}

async function loadBench(name: Name): Promise<Bench | undefined> {
  const file = new URL(`./${name}.ts`, import.meta.url)
  const isThere = await access(file).then(
    () => true,
    () => false,
  )
  if (!isThere) return undefined
  const loaded: unknown = await import(file.href)
  if (!isBenchModule(loaded)) throw new Error(`${name}.ts exports no bench`)
  return loaded.bench
}

function isBenchModule(loaded: unknown): loaded is { readonly bench: Bench } {
  return typeof loaded === 'object' && loaded !== null && 'bench' in loaded
}
