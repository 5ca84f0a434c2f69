const EXIT_FAILED = 1
/** EX_CONFIG of sysexits.h: settings are wrong, starting again cannot help. */
export const EXIT_CONFIG = 78

/** Something the user can mend. The message is a sentence or two: what is wrong and what to do. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly exitCode: number

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options)
    this.exitCode = options.exitCode ?? EXIT_FAILED
  }
}
