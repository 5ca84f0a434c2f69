export { appendLine } from './testing/lines.ts'
export { type RedisCluster, startRedisCluster } from './testing/cluster.ts'
