import * as fc from 'fast-check'

const KNOWN_TAGS = [
  'badge-info',
  'badges',
  'color',
  'display-name',
  'emotes',
  'first-msg',
  'flags',
  'id',
  'login',
  'mod',
  'msg-id',
  'room-id',
  'system-msg',
  'target-user-id',
  'tmi-sent-ts',
  'user-id',
]
const COMMANDS = ['PRIVMSG', 'USERNOTICE', 'CLEARCHAT', 'CLEARMSG', 'NOTICE', 'ROOMSTATE']

/** Arbitrary lines as they could come from Twitch: shuffled, doubled and empty tags, escapes, odd sources. */
export function ircLine(): fc.Arbitrary<string> {
  return fc
    .record({ tags: tags(), source: source(), command: fc.constantFrom(...COMMANDS), rest: rest() })
    .map(({ tags: tagged, source: from, command, rest: last }) => tagged + from + command + last)
}

function tags(): fc.Arbitrary<string> {
  const name = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...KNOWN_TAGS) },
    { weight: 1, arbitrary: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/) },
  )
  const tag = fc.tuple(name, tagValue()).map(([key, value]) => key + value)
  return fc
    .array(tag, { maxLength: 12 })
    .map((list) => (list.length === 0 ? '' : `@${list.join(';')} `))
}

function tagValue(): fc.Arbitrary<string> {
  const escaped = fc.array(
    fc.oneof(
      fc.constantFrom('\\s', '\\:', '\\\\', '\\r', '\\n', '\\', '=', '{', '}', '/', ','),
      fc
        .string({ unit: 'grapheme', maxLength: 3 })
        .map((text) => text.replaceAll(/[\0\r\n; ]/g, '')),
    ),
    { maxLength: 6 },
  )
  return fc.oneof(
    fc.constantFrom('', '=', '=0', '=1', '=-1', '=007'),
    fc.uuid().map((id) => `=${id}`),
    fc.nat().map((number) => `=${number}`),
    escaped.map((parts) => `=${parts.join('')}`),
  )
}

function source(): fc.Arbitrary<string> {
  const nick = fc.stringMatching(/^[a-z0-9_]{1,12}$/)
  return fc.oneof(
    fc.constantFrom('', ':tmi.twitch.tv ', ':jtv ', ':poglog ', ':a!b@c ', ':irc.example '),
    nick.map((name) => `:${name}!${name}@${name}.tmi.twitch.tv `),
    nick.map((name) => `:${name}!${name}@other.tmi.twitch.tv `),
    nick.map((name) => `:${name} `),
  )
}

function rest(): fc.Arbitrary<string> {
  const channel = fc.constantFrom(' #chan', ' #c', ' #', '', ' chan', '  #chan', ' #chan,#c')
  const text = fc.oneof(
    fc.constantFrom('', ' :', ' word', ' a b', ' : ', ' ::)', ' :\u0001ACTION waves\u0001', ' '),
    fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .map((said) => ` :${said.replaceAll(/[\0\r\n]/g, '')}`),
    fc.constantFrom(' :\ufeffbom', ' :trailing  ', ' :\u{e0000}', ' :{text}{id}', ' :😂😂'),
  )
  return fc.tuple(channel, text).map((parts) => parts.join(''))
}
