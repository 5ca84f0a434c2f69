import type {
  CapMessage,
  MessageBase,
  NumericMessage,
  OtherMessage,
  PingMessage,
  ReconnectMessage,
} from './message.ts'
import type { Routing } from './routing.ts'
import { listOf } from './values.ts'

type ServerMessage = ReconnectMessage | CapMessage | PingMessage | NumericMessage | OtherMessage

/** Reads what concerns the connection alone, and every command without a type of its own. */
export function serverMessage(base: MessageBase, { command, text }: Routing): ServerMessage {
  switch (command) {
    case 'RECONNECT':
      return { ...base, command }
    case 'CAP':
      return {
        ...base,
        command,
        subcommand: base.params.at(1) ?? '',
        capabilities: listOf(base.params.at(2) ?? '', ' '),
      }
    case 'PING':
    case 'PONG':
      return { ...base, command, text: base.params.at(-1) }
    default:
      return /^\d/.test(command)
        ? { ...base, command: 'NUMERIC', code: Number(command), text }
        : { ...base, command: 'OTHER', text }
  }
}
