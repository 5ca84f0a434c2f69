export {
  redisServerCommand,
  type RedisServerCommand,
  type RedisServerOptions,
} from './server/command.ts'
export { RedisServerError, type RedisServerErrorKind } from './server/error.ts'
export { type RedisServer, startRedisServer } from './server/start.ts'
