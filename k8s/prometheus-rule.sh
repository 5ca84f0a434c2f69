#!/bin/sh
# Prints the rules and alerts of infra/prometheus/rules.yaml as an object of the Prometheus operator:
#   sh k8s/prometheus-rule.sh | kubectl apply -f -
set -eu

cat <<'END'
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: poglog
  namespace: poglog
spec:
END
sed 's/^\(.\)/  \1/' "$(dirname "$0")/../infra/prometheus/rules.yaml"
