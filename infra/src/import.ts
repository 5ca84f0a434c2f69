import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { openImporter, readJobConfig } from '@poglog/archiver'
import { HotStoreError } from '@poglog/hot-store'
import { SegmentError } from '@poglog/log-format'
import { ObjectStoreError } from '@poglog/object-store'
import { DataFolder, describe } from './data-folder.ts'
import { importUnits } from './import/import-units.ts'
import type { UnitsProgress } from './import/import-units.ts'
import { openJournal } from './import/open-journal.ts'
import { sourcesOf } from './import/options.ts'
import type { SourceOptions } from './import/options.ts'
import { ProgressLine } from './progress-line.ts'
import { RejectFile } from './import/reject-file.ts'
import { describeProgress, report } from './import/report.ts'
import { stopSignal } from './import/stop-signal.ts'
import { Problem } from './problem.ts'
import { whereItRuns } from './where-it-runs.ts'

const EXIT_FAILED = 1

export interface ImportCommandOptions extends SourceOptions {
  readonly reject?: string | undefined
  readonly again?: boolean | undefined
  readonly data: string
}

interface Command {
  readonly sources: readonly string[]
  readonly options: ImportCommandOptions
  readonly env: NodeJS.ProcessEnv
}

/**
 * `poglog import`: brings lines of files, of a justlog folder or of another instance into the log, and prints what
 * became of them. The exit code is 1 when a source could not be read to its end; what it gave is in the log.
 *
 * @throws {Problem} when it cannot go on; what was stored until then stays, and running it again stores the rest.
 */
export async function importLogs(
  sources: readonly string[],
  options: ImportCommandOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const folder = new DataFolder(options.data).inside('import')
  const run = new ImportRun(folder, options.reject ?? rejectPath(folder))
  using stop = stopSignal()
  try {
    await run.run({ sources, options, env }, stop.signal)
  } catch (error) {
    throw explained(stop.signal.aborted ? stop.signal.reason : describe(error, folder))
  } finally {
    run.finish()
  }
  if (run.failed > 0) process.exitCode = EXIT_FAILED
}

class ImportRun {
  /** Sources that could not be read to their end. */
  failed = 0
  readonly #folder: string
  readonly #rejects: RejectFile
  readonly #line = new ProgressLine()
  readonly #startedMs = performance.now()
  #progress: UnitsProgress | undefined

  constructor(folder: string, rejectFile: string) {
    this.#folder = folder
    this.#rejects = new RejectFile(rejectFile)
  }

  async run({ sources, options, env }: Command, signal: AbortSignal): Promise<void> {
    const settings = readJobConfig({ ...(await whereItRuns(options.data, env)), ...env })
    await this.#rejects.checkFree()
    const units = await sourcesOf(sources, options, signal)
    await mkdir(this.#folder, { recursive: true })
    await mkdir(dirname(this.#rejects.path), { recursive: true })
    const journalPath = join(this.#folder, 'journal.ndjson')
    const journal = await openJournal(journalPath, settings, options.again === true)
    await using rejects = this.#rejects
    const onWarning = (message: string): void => this.#line.note(`warning: ${message}`)
    await using importer = await openImporter({
      settings,
      workDir: this.#folder,
      onWarning,
      signal,
    })
    this.#progress = await importUnits(units, {
      importer,
      journal,
      rejects,
      signal,
      onProgress: (progress) => {
        this.#progress = progress
        this.#line.show(() => describeProgress(progress, this.#seconds()))
      },
      onFailure: (unit, error) => {
        this.failed += 1
        this.#line.note(`cannot read ${unit.name} to the end: ${error.message}`)
      },
    })
  }

  /** Prints what became of the lines that were read. */
  finish(): void {
    this.#line.clear()
    if (this.#progress === undefined) return
    const { isWritten, path, leftOut } = this.#rejects
    const rejectFile = isWritten ? path : undefined
    const outcome = { seconds: this.#seconds(), failed: this.failed, rejectFile, leftOut }
    console.log(report(this.#progress, outcome))
  }

  #seconds(): number {
    return (performance.now() - this.#startedMs) / 1000
  }
}

function rejectPath(folder: string): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-')
  return join(folder, `rejected-${time}.ndjson`)
}

/** Says what counts after a failure of the stores: nothing is lost, and what to do. */
function explained(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const kinds = [HotStoreError, ObjectStoreError, SegmentError]
  if (!kinds.some((kind) => error instanceof kind)) return error
  return new Problem(`${error.message}; ${STAYS}`, { cause: error })
}

const STAYS = 'what was stored until now stays: run the same command again to store the rest'
