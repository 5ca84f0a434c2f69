import { readFileSync } from 'node:fs'
import * as mastondzn from '@mastondzn/dank-twitch-irc'
import { parseLine, parseMessage, parseRouting } from '@poglog/irc-parser'
import { parseTwitchMessage as twurpleParse } from '@twurple/chat'
import { parseIRCMessage as dankParse } from 'dank-twitch-irc'
import { parse as ircMessageParse } from 'irc-message'
import { parse as ircMessageTsParse } from 'irc-message-ts'
import { parseMessage as ircv3Parse } from 'ircv3'
import { parse as tekkoParse } from 'tekko'
import tmi from 'tmi.js/lib/parser.js'

/** What a logger needs of a line, the same from every parser. */
export interface Fields {
  readonly command: string
  readonly channel: string
  readonly channelId: string
  readonly userId: string
  readonly login: string
  readonly id: string
  readonly sentAtMs: number | undefined
  readonly text: string | undefined
}

/** A parser in the race. Both functions give `undefined` (or throw) for a line that it does not understand. */
export interface Contestant {
  readonly name: string
  readonly isOurs: boolean
  /** The routing fields of a line. */
  readonly routing: (line: string) => Fields | undefined
  /** The whole line with every tag in memory; gives something of it. */
  readonly everything: (line: string) => number | undefined
}

type Tag = (name: string) => string | true | undefined
interface Parts {
  readonly command: string
  readonly nick: string | undefined
  readonly params: readonly string[]
}

const PEERS: readonly Contestant[] = [
  peer('tmi.js', tmi.msg),
  peer('irc-message', ircMessageParse),
  peer('irc-message-ts', ircMessageTsParse),
  {
    name: titleOf('@twurple/chat'),
    isOurs: false,
    routing: (line) => ircv3Fields(twurpleParse(line)),
    everything: (line) => ircv3Parts(twurpleParse(line)),
  },
  {
    name: titleOf('ircv3'),
    isOurs: false,
    routing: (line) => ircv3Fields(ircv3Parse(line)),
    everything: (line) => ircv3Parts(ircv3Parse(line)),
  },
  dank('dank-twitch-irc', dankParse),
  dank('@mastondzn/dank-twitch-irc', mastondznParser()),
  {
    name: titleOf('tekko'),
    isOurs: false,
    routing: (line) => {
      const { command, prefix, params, tags = {} } = tekkoParse(line)
      const nick = prefix?.user === undefined ? undefined : prefix.name
      return fieldsOf({ command, nick, params }, (name) => textTag(tags[name]))
    },
    everything: (line) => {
      const { params, tags = {} } = tekkoParse(line)
      return params.length + lengthOf(textTag(tags['badges']))
    },
  },
]

/** Every parser in the race: ours, and all that npm has. */
export const CONTESTANTS: readonly Contestant[] = [
  {
    name: 'poglog',
    isOurs: true,
    routing: parseRouting,
    everything: (line) => {
      const message = parseLine(line)
      if (message === undefined) return undefined
      return message.params.length + lengthOf(message.tags.get('badges'))
    },
  },
  ...PEERS,
]

/** Ours again, with every field typed by command: more than any peer does, so no race. */
export function typedMessage(line: string): number | undefined {
  const message = parseMessage(line)
  if (message === undefined) return undefined
  return message.params.length + (message.command === 'PRIVMSG' ? message.badges.length : 0)
}

function peer(
  name: string,
  parse: (line: string) => {
    readonly command: string | null
    readonly prefix: string | null
    readonly tags: Readonly<Record<string, string | true | undefined>>
    readonly params: readonly string[]
  } | null,
): Contestant {
  return {
    name: titleOf(name),
    isOurs: false,
    routing: (line) => {
      const message = parse(line)
      if (message === null) return undefined
      const { prefix, params, tags } = message
      const bang = prefix === null ? -1 : prefix.indexOf('!')
      const nick = prefix === null || bang === -1 ? undefined : prefix.slice(0, bang)
      return fieldsOf({ command: message.command ?? '', nick, params }, (tag) => tags[tag])
    },
    everything: (line) => {
      const message = parse(line)
      return message === null ? undefined : message.params.length + lengthOf(message.tags['badges'])
    },
  }
}

function dank(name: string, parse: typeof dankParse): Contestant {
  return {
    name: titleOf(name),
    isOurs: false,
    routing: (line) => {
      const { ircCommand, ircPrefix, ircParameters, ircTags } = parse(line)
      return fieldsOf(
        { command: ircCommand, nick: ircPrefix?.nickname, params: ircParameters },
        (tag) => ircTags[tag] ?? undefined,
      )
    },
    everything: (line) => {
      const { ircParameters, ircTags } = parse(line)
      return ircParameters.length + lengthOf(ircTags['badges'] ?? undefined)
    },
  }
}

/** The successor of dank-twitch-irc: the same functions, but its types do not resolve under Node's rules. */
function mastondznParser(): typeof dankParse {
  const loaded: unknown = mastondzn
  if (!hasDankParser(loaded)) throw new Error('@mastondzn/dank-twitch-irc has no parseIRCMessage')
  return loaded.parseIRCMessage
}

function hasDankParser(loaded: unknown): loaded is { readonly parseIRCMessage: typeof dankParse } {
  return typeof loaded === 'object' && loaded !== null && 'parseIRCMessage' in loaded
}

type Ircv3Message = ReturnType<typeof ircv3Parse>

function ircv3Fields({ command, prefix, rawParamValues, tags }: Ircv3Message): Fields {
  const nick = prefix?.user === undefined ? undefined : prefix.nick
  return fieldsOf({ command, nick, params: rawParamValues }, (name) => tags.get(name))
}

function ircv3Parts({ paramCount, tags }: Ircv3Message): number {
  return paramCount + lengthOf(tags.get('badges'))
}

function fieldsOf({ command, nick, params }: Parts, tag: Tag): Fields {
  return {
    command,
    channel: params[0]?.slice(1) ?? '',
    channelId: textOf(tag('room-id')),
    userId: textOf(tag('user-id')) || textOf(tag('target-user-id')),
    login: nick ?? textOf(tag('login')),
    id: textOf(tag('id')),
    sentAtMs: numberOf(tag('tmi-sent-ts')),
    text: params[1],
  }
}

function textOf(value: string | true | undefined): string {
  return typeof value === 'string' ? value : ''
}

function textTag(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function lengthOf(value: string | true | undefined): number {
  return textOf(value).length
}

function numberOf(value: string | true | undefined): number | undefined {
  return value === undefined ? undefined : Number(value)
}

/** The name with the version that is measured: ours are exact in the manifest. */
function titleOf(name: string): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const version = new RegExp(`"${name}": "([^"]*)"`).exec(manifest)?.at(1) ?? ''
  return `${name} ${version}`
}
