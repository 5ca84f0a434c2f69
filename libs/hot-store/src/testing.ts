export { appendLine, channelOfShard, segmentEntry } from './testing/lines.ts'
export { type RedisCluster, startRedisCluster } from './testing/cluster.ts'
export { type RedisSentinel, startRedisSentinel } from './testing/sentinel.ts'
export { redisCall } from './testing/redis-call.ts'
