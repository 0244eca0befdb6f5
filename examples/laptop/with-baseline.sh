#!/bin/sh
# One service on this machine; what it calls is the baseline's, in the cluster:
#   sh with-baseline.sh npm start
# As a part of the branch feature-x: its calls carry that wish, so the baseline's Pods go on to what the branch has.
#   NAMESPACE=feature-x sh with-baseline.sh npm start
set -eu
table=$(dirname "$0")/table.yaml

forwards=
trap 'kill $forwards 2> /dev/null || true' EXIT
forward() {
  kubectl port-forward --namespace develop "service/$1" "$2" &
  forwards="$forwards $!"
}
forward orders 8081:8080
forward billing 8082:8080

# One that has ended found its port taken: calls would reach whoever has it.
sleep 3
for forward in $forwards; do kill -0 "$forward"; done

BRANCHLINE_CONFIG=$table BRANCHLINE_NAMESPACE=${NAMESPACE:-develop} "$@"
