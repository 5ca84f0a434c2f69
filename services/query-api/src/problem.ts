import { RETRY_AFTER_SECONDS } from './limits.ts'

/** A wrong parameter of a request. */
export interface ParameterError {
  readonly parameter: string
  readonly message: string
}

/**
 * An RFC 9457 problem document.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly errors?: readonly ParameterError[]
}

export interface ProblemOptions {
  readonly status: keyof typeof TITLES
  readonly detail: string
  readonly errors?: readonly ParameterError[]
  readonly headers?: Readonly<Record<string, string>>
}

const TITLES = {
  400: 'Bad request',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Content too large',
  415: 'Unsupported media type',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable for the moment',
} as const

/** Says when to ask again, where that helps. */
export const RETRY_LATER = { 'retry-after': String(RETRY_AFTER_SECONDS) } as const

/** A request that cannot be answered; thrown anywhere, it becomes the problem document. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly options: ProblemOptions

  constructor(options: ProblemOptions, errorOptions?: ErrorOptions) {
    super(options.detail, errorOptions)
    this.options = options
  }
}

/** What is refused now and may be answered in some seconds. */
export function comeAgain(detail: string, status: 429 | 503 = 503): ProblemError {
  return new ProblemError({ status, detail, headers: RETRY_LATER })
}

/** Makes the answer. `instance` is the path that was asked for. */
export function problemResponse(options: ProblemOptions, instance: string): Response {
  const { status, detail, errors, headers } = options
  const problem: Problem = {
    type: 'about:blank',
    title: TITLES[status],
    status,
    detail,
    instance,
    ...(errors === undefined ? {} : { errors }),
  }
  return new Response(`${JSON.stringify(problem)}\n`, {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...headers,
    },
  })
}

/** 400 for one or more wrong parameters; the detail names them. */
export function badParameters(errors: readonly ParameterError[]): ProblemError {
  const detail = errors.map(({ parameter, message }) => `${parameter}: ${message}`).join('; ')
  return new ProblemError({ status: 400, detail, errors })
}
