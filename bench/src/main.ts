import { access } from 'node:fs/promises'
import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import type { Bench, BenchOptions, Row } from './bench.ts'
import { renderTable } from './table.ts'

/** Every bench is a file of this name beside this one, which exports `bench`; one without a file is not built yet. */
const NAMES = ['parser', 'ingest', 'archive', 'query', 'stream', 'live', 'page', 'scale'] as const
const SEED = 20_261_121
/** A Parquet archive of a month; see DESIGN.md section 12. */
const DAYS = 30
const MESSAGES_A_DAY = 200_000

type Name = (typeof NAMES)[number]

const command = new Command()
  .name('npm run bench --')
  .description('measures poglog against its peers, in one run')
  .argument(
    '[names...]',
    `what to measure: ${NAMES.join(', ')}; all that exist where none is given`,
  )
  .option('--json', 'print one JSON object as the last line')
  .option('--corpus <file>', 'measure with these IRC lines instead of generated ones')
  .option('--days <number>', 'archive, query, stream: how many days of chat', count, DAYS)
  .option(
    '--messages-a-day <number>',
    'archive, query, stream: messages a day of the busiest channel',
    count,
    MESSAGES_A_DAY,
  )
  .option('--seed <number>', 'archive, query, stream: what is said', count, SEED)
  .option(
    '--keep',
    'archive, query, stream: leave the archive for the next run, and take one left before',
  )
  .option('--plot <file>', 'scale: draw the curves, as an SVG file')
  .parse()

const [given] = command.processedArgs
const asked = given.map(asName)
const { json: isJson = false, corpus, keep = false, plot, ...size } = command.opts()
const results: Partial<Record<Name, readonly Row[]>> = {}
const resources = new AsyncDisposableStack()
// Servers that were started end when this process exits, which it does not where a signal ends it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const options: BenchOptions = { corpus, keep, plot, ...size, resources }

try {
  for (const name of asked.length === 0 ? NAMES : asked) {
    const bench = await loadBench(name)
    if (bench === undefined) {
      if (asked.length > 0) command.error(`error: the bench '${name}' does not exist yet`)
      continue
    }
    console.log(`\n${name}: ${bench.description}`)
    const rows = await bench.run(options)
    results[name] = rows
    console.log(renderTable(rows))
  }
} finally {
  await resources.disposeAsync()
}
if (isJson) console.log(JSON.stringify(results))

function asName(value: string): Name {
  const name = NAMES.find((known) => known === value)
  return name ?? command.error(`error: '${value}' is none of ${NAMES.join(', ')}`)
}

function count(value: string): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1 || number > 2 ** 31) {
    throw new InvalidArgumentError('It is no whole number from 1 on.')
  }
  return number
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
