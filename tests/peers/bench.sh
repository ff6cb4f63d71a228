#!/usr/bin/env bash
# Times the same works here and in peers, one after another in one run, and prints one table with ratios.
#
#   tests/peers/bench.sh             the peers that are there
#   tests/peers/bench.sh --install   installs what is missing first (see README.md)
set -euo pipefail
cd "$(dirname "$0")"
. ./place.sh

case "${1-}" in
  "") ;;
  --install) install_peers ;;
  *) echo "bench.sh: unknown argument $1 (there is --install)" >&2; exit 2 ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rates="$scratch/rates"
export PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
sample_rate_hz=30.72e6
max_doppler_hz=100
: >"$rates"

echo "airloop: cargo bench --bench air"
(cd ../.. && cargo bench --locked --bench air) | tee "$scratch/air"

awk -F, '/^TDL-C/ { print $3 * 300e-9, $4 }' ../../channels/src/data/tr38901_tdl.csv | sort -g >"$scratch/profile"
not_run() { echo "$1: not run: $2" | tee -a "$scratch/not_run"; }

: >"$scratch/not_run"
if have_itpp && g++ -O3 -march=native -o "$scratch/itpp_bench" itpp_bench.cpp -litpp; then
  "$scratch/itpp_bench" $sample_rate_hz $max_doppler_hz <"$scratch/profile" 2>/dev/null >>"$rates"
else
  not_run "IT++" "g++ or libitpp-dev is not there"
fi
if have_numpy; then
  "$(python_of numpy)" numpy_bench.py $sample_rate_hz $max_doppler_hz <"$scratch/profile" >>"$rates"
else
  not_run "numpy" "python3 with venv and numpy is not there"
fi
if have_sionna; then
  "$(python_of sionna)" sionna_bench.py $sample_rate_hz $max_doppler_hz 2>/dev/null >>"$rates" || not_run "Sionna" "it broke off"
else
  not_run "Sionna" "sionna $sionna_version is not installed in $peers_cache"
fi

python3 bench_table.py "$scratch/air" "$rates"
cat "$scratch/not_run"
