import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command } from '@commander-js/extra-typings'
import { openObjectStore } from '@poglog/object-store'
import type { ObjectStore } from '@poglog/object-store'
import { roundTrip } from './corpus/lines.ts'
import { runSuite } from './corpus/run-suite.ts'

const FAILURES_SHOWN = 20

const command = new Command()
  .name('npm run corpus --')
  .description('runs the parser suites and the lossless round trip over a folder of real lines')
  .argument('<folder>', 'has *.txt files of IRC lines, and suites/*.json')
  .parse()

const [folder] = command.processedArgs
const suites = await namesOf(join(folder, 'suites'), '.json')
const files = await namesOf(folder, '.txt')
if (suites.length + files.length === 0) {
  command.error(`error: ${folder} has neither *.txt files nor suites/*.json`)
}
const failed = (await runSuites()) + (await runFiles())
console.log(failed === 0 ? '\nall passed' : `\n${failed} failed`)
if (failed > 0) process.exitCode = 1

async function runSuites(): Promise<number> {
  let failures = 0
  for (const name of suites) {
    const report = runSuite(await readFile(join(folder, 'suites', name), 'utf8'))
    const { cases, passed, wrong } = report
    console.log(`${name}: ${passed} of ${cases} cases pass, ${wrong.length} are wrong for Twitch`)
    for (const { known, fault } of wrong) {
      console.log(`  wrong: ${known.case}\n    ${fault}\n    ${known.reason}`)
    }
    failures += show(report.failures)
  }
  return failures
}

async function runFiles(): Promise<number> {
  const scratch = await mkdtemp(join(tmpdir(), 'poglog-corpus-'))
  try {
    let failures = 0
    for (const name of files) {
      const store = await openObjectStore({ url: pathToFileURL(join(scratch, name)).href })
      failures += await runFile(name, store)
      await store.close()
    }
    return failures
  } finally {
    await rm(scratch, { recursive: true })
  }
}

async function runFile(name: string, store: ObjectStore): Promise<number> {
  const report = await roundTrip(await readFile(join(folder, name)), store)
  const { lines, logged, segments, failures } = report
  const same = failures.length === 0 ? 'byte for byte' : 'NOT the same'
  console.log(`${name}: ${lines} lines (${logged} records) through ${segments} segments: ${same}`)
  return show(failures)
}

function show(failures: readonly string[]): number {
  for (const failure of failures.slice(0, FAILURES_SHOWN)) console.log(`  failed: ${failure}`)
  if (failures.length > FAILURES_SHOWN) {
    console.log(`  ... and ${failures.length - FAILURES_SHOWN} more`)
  }
  return failures.length
}

/** The files of a folder with that ending, sorted; none where there is no folder. */
async function namesOf(path: string, ending: string): Promise<string[]> {
  const names = await readdir(path).catch((): string[] => [])
  return names.filter((name) => name.endsWith(ending)).toSorted()
}
