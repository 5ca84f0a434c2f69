import type { Row } from '../row.ts'

export const COLD: Row = {
  title: 'Cold: the archive',
  panels: [
    {
      title: 'Sealed',
      description: 'Records a second that went into segments, and that left Redis.',
      unit: 'cps',
      queries: {
        sealed: 'sum(rate(poglog_archiver_records_total[5m]))',
        trimmed: 'sum(rate(poglog_archiver_trimmed_entries_total[5m]))',
      },
    },
    {
      title: 'Jobs',
      description: 'Jobs done a second, by kind.',
      unit: 'cps',
      queries: {
        '{{kind}}': 'sum by (kind) (rate(poglog_archiver_job_seconds_count[5m]))',
      },
    },
    {
      title: 'Jobs that fail or wait',
      description: 'Failed tries within five minutes, and jobs that wait, by kind.',
      unit: 'short',
      queries: {
        'failed, {{kind}}': 'sum by (kind) (increase(poglog_archiver_job_failures_total[5m]))',
        'waiting, {{kind}}': 'max by (kind) (poglog_archiver_jobs_waiting)',
      },
    },
    {
      title: 'Time of jobs',
      description: 'How long jobs take that are done, 95 of 100, by kind.',
      unit: 's',
      queries: {
        '{{kind}}':
          'histogram_quantile(0.95, sum by (le, kind) (rate(poglog_archiver_job_seconds_bucket[30m])))',
      },
    },
    {
      title: 'Bytes of segments',
      description: 'What was written as segments, a second.',
      unit: 'Bps',
      queries: {
        written: 'sum(rate(poglog_archiver_segment_bytes_total[5m]))',
      },
    },
    {
      title: 'Failures',
      description:
        'Of jobs and of looking what is due, within five minutes, by whose failure it was.',
      unit: 'short',
      queries: {
        '{{kind}}': 'sum by (kind) (increase(poglog_archiver_failures_total[5m]))',
      },
    },
    {
      title: 'Objects deleted',
      description:
        'Within an hour: orphans, which a job left that died, and those that newer objects replaced.',
      unit: 'short',
      queries: {
        orphans: 'sum(increase(poglog_archiver_orphans_swept_total[1h]))',
        replaced: 'sum(increase(poglog_archiver_removed_objects_total[1h]))',
      },
    },
    {
      title: 'Damage',
      description:
        'Segments that cannot be read, objects that Redis does not know. Both are 0 in health.',
      unit: 'short',
      queries: {
        unreadable: 'max(poglog_archiver_unreadable_segments)',
        unknown: 'max(poglog_archiver_foreign_objects)',
      },
    },
    {
      title: 'Requests of the archiver to the store',
      description: 'Time of 95 of 100 requests, by method.',
      unit: 's',
      queries: {
        '{{method}}':
          'histogram_quantile(0.95, sum by (le, method) (rate(poglog_archiver_store_request_seconds_bucket[5m])))',
      },
    },
  ],
}
