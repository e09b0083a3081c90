#!/bin/sh
# run_fuzz.sh TARGET CORPUS [SECONDS]: runs a libFuzzer target, 10 seconds if not told. What it finds
# stays beside the target, in TARGET.found and TARGET.failed; CORPUS is only read.
set -eu

target=$1
corpus=$2
seconds=${3:-10}

mkdir -p "$target.found" "$target.failed"
exec "$target" "-max_total_time=$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    "-artifact_prefix=$target.failed/" "$target.found" "$corpus"
