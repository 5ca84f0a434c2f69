#!/bin/sh
# The first argument says what a container runs. exec makes it process 1, which gets the signals.
set -eu

root=/opt/poglog
name=${1:-help}

case "$name" in
  ingest | query-api)
    exec node "$root/services/$name/src/main.ts"
    ;;
  archiver)
    # V8 collects late when it may: with the limit a backlog is sealed within 512 MiB. What NODE_OPTIONS says wins.
    export NODE_OPTIONS="--max-old-space-size=384 ${NODE_OPTIONS:-}"
    exec node "$root/services/archiver/src/main.ts"
    ;;
  poglog)
    shift
    if [ "${1:-}" = start ]; then
      echo 'poglog: a container runs one process: use the commands ingest, archiver and query-api' >&2
      exit 64
    fi
    exec node "$root/infra/src/cli.ts" "$@"
    ;;
  *)
    echo 'poglog: say what this container runs: ingest, archiver, query-api, or poglog COMMAND' >&2
    exit 64
    ;;
esac
