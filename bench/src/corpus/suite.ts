import { isRecord } from './values.ts'

/** One case of a suite: a line, and what its authors expect of it. */
export interface Case {
  readonly name: string
  readonly input: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A suite in our hands: whose it is, and how one of its cases is checked. */
export interface SuiteReader {
  /** The `source` of the suite's file. */
  readonly source: string
  /** What differs from what the case expects; `undefined` where nothing does. */
  check(this: void, testCase: Case): string | undefined
}

/**
 * Reads a suite's file.
 *
 * @throws Error when it has no source or no cases with an input each.
 */
export function readSuite(json: string): { source: string; cases: Case[] } {
  const suite: unknown = JSON.parse(json)
  if (!isRecord(suite)) throw new Error('a suite is an object')
  const { source, cases } = suite
  if (typeof source !== 'string' || !Array.isArray(cases)) throw new Error('a suite has cases')
  return { source, cases: cases.map((value, index) => readCase(value, index)) }
}

function readCase(value: unknown, index: number): Case {
  if (!isRecord(value)) throw new Error('a case is an object')
  const { input, name } = value
  if (typeof input !== 'string') throw new Error('a case has an input')
  return { input, name: typeof name === 'string' ? name : `case ${index + 1}`, fields: value }
}
