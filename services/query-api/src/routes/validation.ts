import type { z } from 'zod'
import { badParameters } from '../problem.ts'
import type { ParameterError } from '../problem.ts'

type Result = { readonly success: true } | { readonly success: false; readonly error: z.ZodError }

/** What a schema says is wrong, as one 400 that names every wrong parameter. */
export function rejectInvalid(result: Result): void {
  if (result.success) return
  throw badParameters(result.error.issues.flatMap(toErrors))
}

function toErrors(issue: z.core.$ZodIssue): ParameterError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((parameter) => ({
      parameter,
      message: 'is not a parameter of this route',
    }))
  }
  return [{ parameter: issue.path.map(String).join('.'), message: issue.message }]
}
