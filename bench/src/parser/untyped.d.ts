/** The parsers that come without types, as far as they are used here. */
interface UntypedMessage {
  readonly command: string
  readonly prefix: string | null
  readonly tags: Readonly<Record<string, string | true | undefined>>
  readonly params: readonly string[]
}

declare module 'tmi.js/lib/parser.js' {
  const parser: { readonly msg: (line: string) => UntypedMessage | null }
  export = parser
}

declare module 'irc-message' {
  export function parse(line: string): UntypedMessage | null
}
