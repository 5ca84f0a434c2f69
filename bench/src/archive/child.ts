import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** What {@link runChild} runs. `file` is relative to the folder of the benches, `input` goes to it as JSON in its only argument. */
export interface ChildPlan {
  readonly file: string
  readonly input: unknown
  readonly nodeOptions?: readonly string[]
}

/**
 * Runs a program of the benches in a process of its own, so that its memory and time are its own, and resolves to the
 * JSON it printed. What it writes to standard error is shown.
 *
 * @throws Error when it fails.
 */
export async function runChild({ file, input, nodeOptions = [] }: ChildPlan): Promise<unknown> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
  const child = spawn(process.execPath, [...nodeOptions, path, JSON.stringify(input)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const endWithUs = (): boolean => child.kill()
  process.once('exit', endWithUs)
  try {
    const [printed, code] = await Promise.all([text(child.stdout), exitOf(child)])
    if (code !== 0) throw new Error(`${file} ended with ${code ?? 'a signal'}`)
    const answer: unknown = JSON.parse(printed)
    return answer
  } finally {
    process.removeListener('exit', endWithUs)
  }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', resolve)
  })
}

/** The argument of a program that {@link runChild} started. */
export function childInput(): unknown {
  const input: unknown = JSON.parse(process.argv[2] ?? '{}')
  return input
}
