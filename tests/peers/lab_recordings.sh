#!/usr/bin/env bash
# Records a round of an experiment and a rehearsed lab run, which another program then reads.
#
#   AIRLOOP=PROGRAM tests/peers/lab_recordings.sh FOLDER
set -euo pipefail
folder=$(realpath "$1")
cd "$(dirname "$0")/../../experiments"
lab=$(mktemp -d)
trap 'kill "${ether-}" 2>/dev/null || true; rm -rf "$lab"' EXIT

for fidelity in waveform radio; do
  "$AIRLOOP" run quickstart.toml --fidelity "$fidelity" --set stop.trials=1 --record "$folder/round-$fidelity" >/dev/null
done
cp lab/radios.toml "$lab"
"$AIRLOOP" ether lab/rehearsal.toml --socket "$lab/air.socket" >/dev/null &
ether=$!
until [ -S "$lab/air.socket" ]; do
  kill -0 "$ether"
  sleep 0.1
done
"$AIRLOOP" run lab/rehearsal.toml --fidelity radio --radios "$lab/radios.toml" --record "$folder/lab" >/dev/null
