#!/bin/sh
# The end of join-branch.sh:
#   sh leave-branch.sh my-rest.laptop-anna feature-x
set -eu
key=$1
branch=$2

patch=$(npx branchline remove "$key")
kubectl patch configmap branchline --namespace develop --type merge --patch "$patch"

map=$(kubectl get configmap branchline --namespace develop -o json)
copy=$(printf %s "$map" | npx branchline manifest --namespace "$branch")
printf %s "$copy" | kubectl apply --server-side --field-manager=branchline-copy --force-conflicts -f -
