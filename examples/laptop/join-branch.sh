#!/bin/sh
# The branch in the cluster calls this machine. Give the entry, and the branch whose Pods are to know it:
#   sh join-branch.sh my-rest.laptop-anna=10.8.0.7:3000 feature-x
# The value is how Pods reach the laptop: host:port in a VPN, or the URL of a tunnel (https://anna.tunnel.example.com).
#
# Under a name of its own it is called by requests that ask for it, "baggage: branchline=laptop-anna~feature-x", and
# nobody else notices. (There is no such namespace, so `branchline prune` takes the entry for a leftover.) As
# my-rest.feature-x it is called by the whole branch; if a pipeline had registered that key, run it again when you have
# left.
set -eu
entry=$1
branch=$2

patch=$(npx branchline add "$entry")
kubectl patch configmap branchline --namespace develop --type merge --patch "$patch"

# The Pods of the baseline follow the map, those of the branch their copy of it, within two minutes.
map=$(kubectl get configmap branchline --namespace develop -o json)
copy=$(printf %s "$map" | npx branchline manifest --namespace "$branch")
printf %s "$copy" | kubectl apply --server-side --field-manager=branchline-copy --force-conflicts -f -
