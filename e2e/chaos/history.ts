import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Violation, ViolationKind } from './checker/violation.ts'

/** Of one answer: what is wrong with the others is mostly the same. */
const TOLD_MAX = 20

/** What happened when, in a file; and how often. */
export class History {
  readonly counts = new Map<string, number>()
  /** How often the parts logged what. */
  readonly messages = new Map<string, number>()
  readonly violations = new Map<ViolationKind, number>()
  readonly #file
  readonly #startMs = Date.now()

  constructor(folder: string) {
    this.#file = createWriteStream(join(folder, 'history.jsonl'), { flags: 'a' })
  }

  get violationCount(): number {
    return this.violations.values().reduce((sum, count) => sum + count, 0)
  }

  /** `kind` is counted, `fields` are written. */
  note(kind: string, fields: object = {}): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
    this.#write({ kind, ...fields })
  }

  /** A part has logged a message. */
  heard(message: string): void {
    this.messages.set(message, (this.messages.get(message) ?? 0) + 1)
  }

  violated(violations: readonly Violation[], where: object): void {
    if (violations.length === 0) return
    for (const { kind } of violations) {
      this.violations.set(kind, (this.violations.get(kind) ?? 0) + 1)
    }
    const told = violations.slice(0, TOLD_MAX)
    this.#write({ kind: 'violation', ...where, count: violations.length, violations: told })
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#file.end(() => resolve())
    })
  }

  #write(fields: object): void {
    const nowMs = Date.now()
    this.#file.write(
      `${JSON.stringify({ at: new Date(nowMs).toISOString(), s: (nowMs - this.#startMs) / 1000, ...fields })}\n`,
    )
  }
}
