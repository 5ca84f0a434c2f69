import type { Row } from '../row.ts'

export const HOT: Row = {
  title: 'Hot: Redis',
  panels: [
    {
      title: 'Hot records',
      description: 'Records in no segment yet, by shard. A saw with a tooth an hour.',
      unit: 'short',
      queries: {
        'shard {{shard}}': 'poglog:hot_records:max_by_shard',
      },
    },
    {
      title: 'Hot bytes',
      description: 'Bytes of the raw lines of hot records, by shard. Redis takes more for them.',
      unit: 'bytes',
      queries: {
        'shard {{shard}}': 'max by (shard) (poglog_archiver_hot_bytes)',
      },
    },
    {
      title: 'Oldest unsealed record',
      description:
        'How old the oldest hot record may be, by shard; 0 where nothing is hot. Rises to an hour, then falls to 0.',
      unit: 's',
      queries: {
        'shard {{shard}}': 'poglog:oldest_unsealed_seconds:max_by_shard',
      },
    },
    {
      title: 'Lag of the boundary',
      description: 'How far the boundary lies back, by shard, also where nothing is hot.',
      unit: 's',
      queries: {
        'shard {{shard}}': 'max by (shard) (poglog_archiver_boundary_lag_seconds)',
      },
    },
    {
      title: 'Memory of Redis',
      description: 'Beyond 70 % of its limit the archiver seals early.',
      unit: 'bytes',
      queries: {
        used: 'max(poglog_archiver_redis_memory_used_bytes)',
        limit: 'max(poglog_archiver_redis_memory_max_bytes)',
      },
    },
    {
      title: 'Calls to Redis',
      description: 'Time of a call by script or command, the slowest three of each service.',
      unit: 's',
      queries: {
        'ingest {{call}}': topCalls('ingest'),
        'archiver {{call}}': topCalls('archiver'),
        'api {{call}}': topCalls('query'),
      },
    },
    {
      title: 'Time in scripts',
      description:
        'Share of its time that Redis spends in scripts, of all primaries together: near 1 a single one is full.',
      unit: 'percentunit',
      queries: {
        scripts: 'max(rate(poglog_archiver_redis_script_seconds_total[5m]))',
      },
    },
  ],
}

function topCalls(service: 'ingest' | 'archiver' | 'query'): string {
  const rate = (name: string): string => `sum by (call) (rate(poglog_${service}_${name}[5m]))`
  return `topk(3, ${rate('redis_call_seconds_total')} / (${rate('redis_calls_total')} > 0))`
}
