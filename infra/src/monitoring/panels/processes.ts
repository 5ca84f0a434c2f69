import type { Row } from '../row.ts'

export const PROCESSES: Row = {
  title: 'Processes',
  panels: [
    {
      title: 'Memory',
      description: 'Resident memory of each process.',
      unit: 'bytes',
      queries: {
        '{{job}} {{instance}}': 'process_resident_memory_bytes{job=~"poglog[-/].+"}',
      },
    },
    {
      title: 'CPU',
      description: 'Cores that each process takes.',
      unit: 'short',
      queries: {
        '{{job}} {{instance}}': 'rate(process_cpu_seconds_total{job=~"poglog[-/].+"}[5m])',
      },
    },
    {
      title: 'Event loop',
      description: 'By how much each process comes late to its own work, 99 of 100 times.',
      unit: 's',
      queries: {
        '{{job}} {{instance}}': 'nodejs_eventloop_lag_p99_seconds{job=~"poglog[-/].+"}',
      },
    },
    {
      title: 'Free disk',
      description: 'Share of the disk that is free, of spools and of work folders.',
      unit: 'percentunit',
      queries: {
        'spool of {{instance}}':
          'poglog_ingest_spool_disk_free_bytes / poglog_ingest_spool_disk_size_bytes',
        'work of {{instance}}':
          'poglog_archiver_work_disk_free_bytes / poglog_archiver_work_disk_size_bytes',
      },
    },
  ],
}
