/** A case that expects what Twitch or IRCv3 does not. `case` is its name, or its number (from 1) where it has none. */
export interface KnownWrong {
  readonly source: string
  readonly case: string
  readonly reason: string
}

const ESCAPES = 'IRCv3 message tags: \\r, \\n and the letter of an unknown escape stay'
const SPACES =
  'RFC 1459 and ircdocs/parser-tests: a run of spaces is one, and none at the end is a parameter'
const STRICT =
  'it refuses runs of spaces by choice; RFC 1459 allows them and ircdocs/parser-tests has them'

export const KNOWN_WRONG: readonly KnownWrong[] = [
  ...of('gempir/go-twitch-irc', ESCAPES, ['case 12', 'case 25', 'case 29', 'case 30']),
  ...of('gempir/go-twitch-irc', SPACES, ['case 17', 'case 26', 'case 27', 'case 28']),
  ...of('robotty/twitch-irc-rs', STRICT, [
    'src/message/mod.rs::test_invalid_command_1',
    'src/message/mod.rs::test_invalid_middle_params_space_after_command',
    'src/message/mod.rs::test_invalid_middle_params_too_many_spaces_between_params',
    'src/message/mod.rs::test_invalid_middle_params_too_many_spaces_after_command',
    'src/message/mod.rs::test_invalid_middle_params_trailing_space',
  ]),
]

function of(source: string, reason: string, cases: readonly string[]): KnownWrong[] {
  return cases.map((name) => ({ source, case: name, reason }))
}
