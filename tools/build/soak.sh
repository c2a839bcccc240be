#!/usr/bin/env bash
# Runs the torture tests for as long as one likes.
# usage: soak.sh MINUTES
set -euo pipefail
minutes=$1
seconds=$((minutes * 60))
for cpus in 4 8; do
    tools/boot --iso build/test.iso --cpus "$cpus" --memory 1024 --timeout $((seconds * 4 + 600)) --log "build/soak-$cpus.log" \
        --append "test=soak.* soak.seconds=$seconds"
done
