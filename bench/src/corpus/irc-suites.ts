import { parseLine } from '@poglog/irc-parser'
import type { SuiteReader } from './suite.ts'
import { difference, differenceOfFields, isRecord } from './values.ts'

/** ircdocs/parser-tests: any IRC line in its atoms. */
export const ircdocs: SuiteReader = {
  source: 'ircdocs/parser-tests',
  check({ input, fields: { atoms } }) {
    const line = parseLine(input)
    if (line === undefined || !isRecord(atoms)) return 'not read as a message'
    const view = {
      verb: line.verb,
      source: line.source?.raw,
      tags: Object.fromEntries(line.tags),
      params: line.params,
    }
    // What the suite does not name, the line does not have.
    return differenceOfFields(view, { source: null, tags: {}, params: [], ...atoms })
  },
}

/** gempir/go-twitch-irc: the same; a source without a nick is a host; `null` is a tag without a value. */
export const goTwitchIrc: SuiteReader = {
  source: 'gempir/go-twitch-irc',
  check({ input, fields: { expected } }) {
    const line = parseLine(input)
    if (line === undefined || !isRecord(expected)) return 'not read as a message'
    const { source = {}, tags = {}, command, params = [] } = expected
    if (!isRecord(source) || !isRecord(tags)) return 'no such expectation is known'
    const view = {
      command: line.verb,
      params: line.params,
      // IRCv3: an empty value is the same as a missing one.
      tags: Object.fromEntries(line.tags),
      nickname: line.source?.nick ?? '',
      username: line.source?.user ?? '',
      host: line.source?.host ?? '',
    }
    return (
      differenceOfFields(view, {
        nickname: '',
        username: '',
        host: '',
        ...source,
        command,
        params,
      }) ??
      difference(view.tags, Object.fromEntries(Object.entries(tags).map(([k, v]) => [k, v ?? ''])))
    )
  },
}
