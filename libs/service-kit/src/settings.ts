import type { z } from 'zod'

/** Environment variables as `process.env` holds them. */
export type Env = Readonly<Record<string, string | undefined>>

/** One setting that cannot be used, and why. Never holds the setting's value: it may be a secret. */
export interface WrongSetting {
  readonly name: string
  readonly problem: string
}

/**
 * The process cannot start as it is set up. Its message lists every wrong setting, one a line.
 *
 * Trying again cannot help: an operator must change a setting. {@link runService} prints the message
 * and exits with code 78.
 */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly wrong: readonly WrongSetting[]

  constructor(wrong: readonly WrongSetting[], options?: ErrorOptions) {
    super(wrong.map(({ name, problem }) => `${name}: ${problem}`).join('\n'), options)
    this.wrong = wrong
  }
}

/**
 * Reads settings from environment variables. An empty variable counts as absent, so that
 * `NAME= node main.ts` takes the default.
 *
 * @throws {SettingsError} listing all settings that are wrong or missing, not only the first.
 */
export function parseEnv<Schema extends z.ZodType>(schema: Schema, env: Env): z.output<Schema> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  )
  const parsed = schema.safeParse(present)
  if (parsed.success) return parsed.data
  throw new SettingsError(
    parsed.error.issues.map((issue) => {
      const name = issue.path.join('.')
      return {
        name: name === '' ? 'settings' : name,
        problem: name in present || name === '' ? issue.message : 'is missing',
      }
    }),
  )
}
