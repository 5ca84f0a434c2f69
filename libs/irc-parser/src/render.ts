import { escapeTagValue } from './escape.ts'

/** What one line is made of. Values of `tags` are texts, not yet escaped. */
export interface LineParts {
  readonly tags?: ReadonlyMap<string, string> | undefined
  readonly source?: string | undefined
  readonly verb: string
  readonly params?: readonly string[] | undefined
}

/**
 * Writes one line without CR LF. The last parameter stands behind a colon where it has to (empty, with
 * a space, or with a colon in front), and always where there are two or more, as Twitch does it.
 *
 * Parsing what this wrote gives the same parts, provided they are such as a line can carry: keys
 * without `;`, `=` and space, source and middle parameters without space, nothing with CR or LF.
 */
export function renderLine({ tags, source, verb, params = [] }: LineParts): string {
  const pairs = [...(tags ?? [])].map(([key, value]) => `${key}=${escapeTagValue(value)}`)
  const head = pairs.length === 0 ? '' : `@${pairs.join(';')} `
  const from = source === undefined ? '' : `:${source} `
  const rest = params.map((param, index) => {
    const isLast = index === params.length - 1
    return isLast && (index > 0 || /^$|^:| /.test(param)) ? ` :${param}` : ` ${param}`
  })
  return `${head}${from}${verb}${rest.join('')}`
}
