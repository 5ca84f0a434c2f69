import type { Setting } from './run.ts'

/** The first shard's, to its limit. */
const RATES = [250, 500, 1000, 2000, 4000, 8000, 16_000, 24_000, 32_000]
const CHANNELS = [100, 1000, 5000, 10_000, 20_000]
const REPLICAS = [1, 2, 3, 4]
const NODES = [1, 2, 3]

const ONE: Setting = { channels: 1000, shards: 1, replicas: 1 }
/** As many shards as on Kubernetes. */
const MANY: Setting = { channels: 2000, shards: 16, replicas: 1 }
const CHANNELS_RATE = 2000
const FLEET_RATE = 4000

/** What is started once, and the rates at which it is measured. */
export interface Scene {
  readonly setting: Setting
  readonly rates: readonly number[]
}

export interface Sweep {
  readonly name: 'rate' | 'channels' | 'replicas' | 'nodes'
  /** What grows. */
  readonly of: string
  /** What stays as it is. */
  readonly at: string
  /** What grows does so by factors. */
  readonly isLog: boolean
  readonly scenes: readonly Scene[]
  readonly xOf: (setting: Setting, perSecond: number) => number
}

export const SWEEPS: readonly Sweep[] = [
  {
    name: 'rate',
    of: 'lines/s offered',
    at: `one shard, one replica, one Redis, ${count(ONE.channels)} channels`,
    isLog: true,
    scenes: [{ setting: ONE, rates: RATES }],
    xOf: (_, perSecond) => perSecond,
  },
  {
    name: 'channels',
    of: 'channels',
    at: `one shard, one replica, one Redis, ${count(CHANNELS_RATE)} lines/s`,
    isLog: true,
    scenes: CHANNELS.map((channels) => ({
      setting: { ...ONE, channels },
      rates: [CHANNELS_RATE],
    })),
    xOf: ({ channels }) => channels,
  },
  {
    name: 'replicas',
    of: 'replicas of ingest',
    at: `${MANY.shards} shards, one Redis, ${count(MANY.channels)} channels, ${count(FLEET_RATE)} lines/s together`,
    isLog: false,
    scenes: REPLICAS.map((replicas) => ({ setting: { ...MANY, replicas }, rates: [FLEET_RATE] })),
    xOf: ({ replicas }) => replicas,
  },
  {
    name: 'nodes',
    of: 'primaries of a Redis cluster',
    at: `${MANY.shards} shards, one replica, ${count(MANY.channels)} channels, ${count(FLEET_RATE)} lines/s`,
    isLog: false,
    scenes: NODES.map((nodes) => ({ setting: { ...MANY, nodes }, rates: [FLEET_RATE] })),
    xOf: ({ nodes }) => nodes ?? 1,
  },
]

function count(value: number): string {
  return value.toLocaleString('en')
}
