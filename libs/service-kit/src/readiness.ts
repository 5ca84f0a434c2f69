const CHECK_MS_MAX = 2000

/** Named checks: each resolves when its part works, and rejects or is late when it does not. */
export type ReadyChecks = Readonly<Record<string, () => Promise<unknown>>>

/** `failed` names the checks that failed; the process is ready when it is empty. */
export interface Readiness {
  readonly ready: boolean
  readonly failed: readonly string[]
}

/** Runs all checks at once. One that takes more than two seconds has failed. Never rejects. */
export async function readiness(checks: ReadyChecks): Promise<Readiness> {
  const names = Object.keys(checks)
  const results = await Promise.allSettled(Object.values(checks).map((check) => inTime(check)))
  const failed = names.filter((_, index) => results[index]?.status === 'rejected')
  return { ready: failed.length === 0, failed }
}

async function inTime(check: () => Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new Error(`no answer within ${CHECK_MS_MAX} ms`))
  }, CHECK_MS_MAX)
  try {
    await Promise.race([check(), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
