export {
  redisServerCommand,
  type RedisServerCommand,
  type RedisServerOptions,
} from './server/command.ts'
export { RedisServerError, type RedisServerErrorKind } from './server/error.ts'
export {
  redisServerCommand,
  type RedisServer,
  type RedisServerCommand,
  type RedisServerOptions,
  startRedisServer,
} from './server/start.ts'
