import { unescapeTagValue } from '../src/escape.ts'
import type { Routing } from '../src/routing.ts'

/**
 * The routing fields read the slow and plain way, by splitting: written apart from the parser, so
 * that the two can be compared on any string.
 */
export function referenceRouting(line: string): Routing | undefined {
  const raw = withoutLineEnd(line)
  const match =
    /^(?:@(?<tags>[^ ]+) +)?(?::(?<source>[^ ]+) +)?(?<verb>[A-Za-z]+|[0-9]{3})(?<rest> [^]*)?$/.exec(
      raw,
    )
  const { tags = '', source = '', verb, rest = '' } = match?.groups ?? {}
  if (verb === undefined) return undefined
  const tag = referenceTags(tags)
  const params = referenceParams(rest)
  const [channel = ''] = params
  const nick = /[!@]/.test(source)
    ? source.split('!').length > 1
      ? source.slice(0, source.indexOf('!'))
      : source.slice(0, source.indexOf('@'))
    : ''
  const sentTs = tag.get('tmi-sent-ts') ?? ''
  return {
    command: verb.toUpperCase(),
    channel: channel.startsWith('#') ? channel.slice(1) : '',
    channelId: textOf(tag.get('room-id')),
    userId: textOf(tag.get('user-id')) || textOf(tag.get('target-user-id')),
    login: nick || textOf(tag.get('login')),
    id: textOf(tag.get('id')),
    sentAtMs: /^[0-9]{1,15}$/.test(sentTs) ? Number(sentTs) : undefined,
    text: params.length < 2 ? undefined : params.at(-1),
    raw,
  }
}

/** Every tag of a message, unescaped. */
export function referenceTagsOf(line: string): Map<string, string> {
  const section = line.startsWith('@') ? line.slice(1, line.indexOf(' ')) : ''
  return new Map([...referenceTags(section)].map(([key, value]) => [key, unescapeTagValue(value)]))
}

/** The last value of every tag, still escaped. */
function referenceTags(section: string): Map<string, string> {
  const pairs = section.split(';').map((tag): [string, string] => {
    const [key = '', ...values] = tag.split('=')
    return [key, values.join('=')]
  })
  return new Map(pairs.filter(([key]) => key !== ''))
}

function referenceParams(rest: string): string[] {
  const trailing = rest.indexOf(' :')
  const middle = (trailing === -1 ? rest : rest.slice(0, trailing)).split(' ')
  const params = middle.filter((param) => param !== '')
  return trailing === -1 ? params : [...params, rest.slice(trailing + 2)]
}

function textOf(value: string | undefined): string {
  return unescapeTagValue(value ?? '')
}

function withoutLineEnd(line: string): string {
  let length = line.length
  while (/[\r\n]/.test(line.charAt(length - 1))) length -= 1
  return line.slice(0, length)
}
