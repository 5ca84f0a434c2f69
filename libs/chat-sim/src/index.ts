export { startChatSim } from './chat-sim.ts'
export { ChatSimError } from './errors.ts'
export type { ChatSimErrorKind } from './errors.ts'
export { generateLines } from './generate/generate-lines.ts'
export { generatedChannels } from './generate/settings.ts'
export type { GeneratedChannel, GeneratorSettings } from './generate/settings.ts'
export type {
  ChatSim,
  ChatSimEvent,
  ChatSimSettings,
  CloseReason,
  ConnectionInfo,
  FaultRates,
  FaultTarget,
  GenerateSource,
  JoinLimit,
  Progress,
  ReplaySource,
} from './types.ts'
