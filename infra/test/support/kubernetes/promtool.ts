import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureProgram } from '../../../src/install.ts'
import { CACHE } from './objects.ts'

/** What a query answers at a time; `undefined` when it has no answer. */
export interface Expected {
  readonly query: string
  readonly atMinute: number
  readonly value: number | undefined
}

/**
 * Has Prometheus answer queries over made-up series of a value a minute.
 *
 * @param series their values in the notation of promtool, by name and labels.
 * @returns what it says is wrong, empty when all answers are as expected.
 */
export function askPrometheus(
  series: Readonly<Record<string, string>>,
  expected: readonly Expected[],
): string {
  ensureProgram('promtool')
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'queries-'))
  try {
    // JSON is YAML.
    writeFileSync(join(folder, 'tests.yaml'), JSON.stringify(toTests(series, expected)))
    const args = ['test', 'rules', 'tests.yaml']
    const { status, stdout, stderr } = spawnSync('promtool', args, {
      cwd: folder,
      encoding: 'utf8',
    })
    return status === 0 ? '' : stdout + stderr
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function toTests(series: Readonly<Record<string, string>>, expected: readonly Expected[]): unknown {
  return {
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: expected.map(({ query, atMinute, value }) => ({
          expr: query,
          eval_time: `${atMinute}m`,
          exp_samples: value === undefined ? [] : [{ labels: '{}', value }],
        })),
      },
    ],
  }
}
