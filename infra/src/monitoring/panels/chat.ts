import type { Row } from '../row.ts'

export const CHAT: Row = {
  title: 'Chat comes in',
  panels: [
    {
      title: 'Lines',
      description:
        'Lines a second from Twitch, and those that were new to Redis. With REPLICATION=2 each comes twice.',
      unit: 'cps',
      queries: {
        received: 'poglog:lines_received:rate5m',
        stored: 'poglog:lines_appended:rate5m',
      },
    },
    {
      title: 'Lines lost or refused',
      description:
        'Lost lines are gone; a rejected one is no record. Anything but 0 lost is an alert.',
      unit: 'cps',
      queries: {
        'lost, {{cause}}': 'sum by (cause) (rate(poglog_ingest_lines_dropped_total[5m]))',
        'rejected, {{reason}}': 'sum by (reason) (rate(poglog_ingest_lines_rejected_total[5m]))',
      },
    },
    {
      title: 'Channels',
      description: 'Channels by join state, of all replicas together.',
      unit: 'short',
      queries: {
        '{{state}}': 'sum by (state) (poglog_ingest_channels)',
      },
    },
    {
      title: 'Gaps',
      description: 'Times a channel began to miss chat, by cause, within five minutes.',
      unit: 'short',
      queries: {
        '{{cause}}': 'sum by (cause) (increase(poglog_ingest_gaps_total[5m]))',
      },
    },
    {
      title: 'Replicas',
      description: 'Replicas of ingest that are alive, and dead ones whose gap is not written yet.',
      unit: 'short',
      queries: {
        alive: 'max(poglog_archiver_ingest_replicas)',
        'not written': 'max(poglog_archiver_lost_replicas_pending)',
      },
    },
    {
      title: 'Hand-overs',
      description:
        'Channels that one replica still receives for another until that holds them, and slots that changed hands within five minutes.',
      unit: 'short',
      queries: {
        'channels of {{instance}}': 'poglog_ingest_handing_over_channels',
        'slots taken from {{from}}':
          'sum by (from) (increase(poglog_ingest_takeover_seconds_count[5m]))',
      },
    },
    {
      title: 'Time of hand-overs',
      description:
        "From a slot becoming a replica's until it holds it, 95 of 100. From nobody, at a start or after a death, channels miss chat meanwhile.",
      unit: 's',
      queries: {
        'from {{from}}':
          'histogram_quantile(0.95, sum by (le, from) (rate(poglog_ingest_takeover_seconds_bucket[5m])))',
      },
    },
    {
      title: 'Messages by replica',
      description: 'Lines a second that each replica takes: how evenly the channels are shared.',
      unit: 'cps',
      queries: {
        '{{instance}}': 'poglog_ingest_messages_per_second',
      },
    },
    {
      title: 'Time to append',
      description:
        'How long Redis takes for a batch of lines, and how old the time is up to which all is stored.',
      unit: 's',
      queries: {
        'append, 99 of 100': 'poglog:append_seconds:p99_5m',
        'stored up to, ago': 'max(poglog_ingest_covered_seconds)',
      },
    },
    {
      title: 'Spool',
      description: 'Bytes on disk while Redis is away, and lines in memory.',
      unit: 'bytes',
      queries: {
        'spool of {{instance}}': 'poglog_ingest_spool_bytes',
        'memory of {{instance}}': 'poglog_ingest_buffer_bytes',
      },
    },
    {
      title: 'Event loop of ingest',
      description: 'Share of the time each replica is busy; at 1 it falls behind.',
      unit: 'percentunit',
      queries: {
        '{{instance}}': 'poglog_ingest_utilisation',
      },
    },
  ],
}
