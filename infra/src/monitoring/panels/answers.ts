import type { Row } from '../row.ts'

export const ANSWERS: Row = {
  title: 'Answers',
  panels: [
    {
      title: 'Requests',
      description: 'Requests a second by status, and the share that failed.',
      unit: 'reqps',
      queries: {
        '{{status}}': 'sum by (status) (rate(poglog_query_http_requests_total[5m]))',
      },
    },
    {
      title: 'Share of failed requests',
      description: 'Answers with a status of 500 or more, without probes.',
      unit: 'percentunit',
      queries: {
        failed: 'poglog:http_errors:ratio_5m',
      },
    },
    {
      title: 'Time to the first record',
      description: 'Of log queries: half of them, and 95 of 100.',
      unit: 's',
      queries: {
        half: 'histogram_quantile(0.5, sum by (le) (rate(poglog_query_first_byte_seconds_bucket[5m])))',
        '95 of 100': 'poglog:first_byte_seconds:p95_5m',
      },
    },
    {
      title: 'Requests by route',
      description: 'Requests a second of the five routes that are asked most.',
      unit: 'reqps',
      queries: {
        '{{route}}': 'topk(5, sum by (route) (rate(poglog_query_http_requests_total[5m])))',
      },
    },
    {
      title: 'Time to answer',
      description: 'Until an answer begins: 95 of 100, of the five slowest routes.',
      unit: 's',
      queries: {
        '{{route}}':
          'topk(5, histogram_quantile(0.95, sum by (le, route) (rate(poglog_query_http_request_duration_seconds_bucket[5m]))))',
      },
    },
    {
      title: 'Time of whole answers',
      description: 'Of log queries, until the last byte: 95 of 100, of the five slowest routes.',
      unit: 's',
      queries: {
        '{{route}}':
          'topk(5, histogram_quantile(0.95, sum by (le, route) (rate(poglog_query_answer_seconds_bucket[5m]))))',
      },
    },
    {
      title: 'Answers that were cut off',
      description:
        'Log queries a second that did not end well: failed, or aborted because the client left.',
      unit: 'reqps',
      queries: {
        '{{outcome}}, {{route}}':
          'sum by (outcome, route) (rate(poglog_query_answers_total{outcome!="complete"}[5m]))',
      },
    },
    {
      title: 'Records',
      description: 'Records in answers, a second.',
      unit: 'cps',
      queries: { '{{format}}': 'sum by (format) (rate(poglog_query_records_total[5m]))' },
    },
    {
      title: 'Bytes',
      description: 'Bytes of answers a second, before compression.',
      unit: 'Bps',
      queries: { '{{format}}': 'sum by (format) (rate(poglog_query_bytes_total[5m]))' },
    },
    {
      title: 'Store requests a query',
      description:
        'Requests to the object store that a log query makes: on average, and 95 of 100 of the three routes that make most.',
      unit: 'short',
      queries: {
        'on average': 'poglog:store_requests_per_answer:ratio_5m',
        '{{route}}':
          'topk(3, histogram_quantile(0.95, sum by (le, route) (rate(poglog_query_answer_store_requests_bucket[5m]))))',
      },
    },
    {
      title: 'Caches',
      description:
        'Share of look-ups that were answered without a read. Hot pages are looked up only where a query reads more than 100 hot records of a channel.',
      unit: 'percentunit',
      queries: {
        '{{cache}}': 'poglog:cache_hits:ratio_5m',
      },
    },
    {
      title: 'Running now',
      description: 'Log queries and live tails.',
      unit: 'short',
      queries: {
        queries: 'sum(poglog_query_answers_running)',
        'live tails': 'sum(poglog_query_live_listeners)',
      },
    },
    {
      title: 'Live tails',
      description: 'Records a second given to live tails, and tails that the API ended, by why.',
      unit: 'cps',
      queries: {
        records: 'sum(rate(poglog_query_live_records_total[5m]))',
        'ended, {{reason}}': 'sum by (reason) (rate(poglog_query_live_cuts_total[5m]))',
      },
    },
    {
      title: 'Records found twice',
      description:
        'In two places, and answered once, within five minutes. Anything but 0 is worth a look.',
      unit: 'short',
      queries: {
        twice: 'sum(increase(poglog_query_equal_keys_collapsed_total[5m]))',
      },
    },
    {
      title: 'Turned away',
      description: 'Requests a second that a limit refused.',
      unit: 'reqps',
      queries: {
        'too many run': 'sum(rate(poglog_query_answers_refused_total[5m]))',
        '{{reason}}': 'sum by (reason) (rate(poglog_query_clients_refused_total[5m]))',
      },
    },
  ],
}
