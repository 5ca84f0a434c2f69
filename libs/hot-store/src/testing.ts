export { appendLine, channelOfShard, segmentEntry } from './testing/lines.ts'
export { type RedisCluster, startRedisCluster } from './testing/cluster.ts'
