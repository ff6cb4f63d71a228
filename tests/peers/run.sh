#!/usr/bin/env bash
# Compares links that airloop draws with those of peers, at the same configurations, and lets them read what it writes.
#
#   tests/peers/run.sh             the peers that are there
#   tests/peers/run.sh --install   installs what is missing first (see README.md)
#
# AIRLOOP names the program; without it, the release build is made. Exit status: 0 if nothing disagrees or fails, whatever was not
# run because the peer is not there; 1 if something does, be it airloop, a peer or a comparison; 2 if the arguments are wrong.
set -uo pipefail
if [ -n "${AIRLOOP-}" ]; then
  AIRLOOP=$(realpath "$(command -v "$AIRLOOP")") || { echo "run.sh: AIRLOOP names no program" >&2; exit 2; }
fi
cd "$(dirname "$0")"
. ./place.sh

if ! command -v python3 >/dev/null; then
  echo "not run: IT++, Sionna: python3 is not there"
  exit 0
fi
case "${1-}" in
  "") ;;
  --install) install_peers ;;
  *) echo "run.sh: unknown argument $1 (there is --install)" >&2; exit 2 ;;
esac

if [ -z "${AIRLOOP-}" ]; then
  (cd ../.. && cargo build --release --locked) || exit 1
  AIRLOOP=$(cd ../.. && realpath "${CARGO_TARGET_DIR:-target}/release/airloop")
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export AIRLOOP AIRLOOP_PEERS_RESULTS="$scratch/results" PYTHONDONTWRITEBYTECODE=1
: >"$AIRLOOP_PEERS_RESULTS"

# report PEER not_run|failed WHY
report() {
  printf '\n%s: %s: %s\n' "$1" "${2/_/ }" "$3"
  printf '{"peer": "%s", "%s": "%s"}\n' "$1" "$2" "$3" >>"$AIRLOOP_PEERS_RESULTS"
}

# compare PEER PYTHON ARGUMENTS..
compare() {
  local status=0
  "${@:2}" 2>"$scratch/messages" || status=$?
  if [ "$status" != 0 ]; then
    tail -20 "$scratch/messages" >&2
    report "$1" failed "its comparison broke off with status $status: see above"
  fi
}

if ! have_numpy; then
  report "IT++" not_run "python3 with venv and numpy is not there"
elif ! have_itpp; then
  report "IT++" not_run "g++ or libitpp-dev is not there"
elif g++ -O2 -o "$scratch/itpp_draw" itpp_draw.cpp -litpp; then
  compare "IT++" "$(python_of numpy)" itpp_agrees.py "$scratch/itpp_draw"
else
  report "IT++" failed "itpp_draw.cpp does not compile and link"
fi

if have_sionna; then
  compare "Sionna" "$(python_of sionna)" sionna_agrees.py
  compare "Sionna" "$(python_of sionna)" sionna_table.py
else
  report "Sionna" not_run "sionna $sionna_version is not installed in $peers_cache"
fi

if ! have_sigmf; then
  report "SigMF" not_run "sigmf $sigmf_version is not installed in $peers_cache"
elif (cd ../.. && cargo run --quiet --release --locked -p airloop-hil --example recordings "$scratch/recordings") &&
  ./lab_recordings.sh "$scratch/recordings"; then
  compare "SigMF" "$(python_of sigmf)" sigmf_recordings.py "$scratch/recordings"
else
  report "SigMF" failed "hil/examples/recordings.rs or lab_recordings.sh does not run"
fi

if ! have_zmq; then
  report "ZeroMQ" not_run "pyzmq $pyzmq_version is not installed in $peers_cache"
elif (cd ../.. && cargo build --quiet --release --locked -p airloop-hil --example zmq_broker); then
  compare "ZeroMQ" "$(python_of zmq)" zmq_nodes.py "$(cd ../.. && realpath "${CARGO_TARGET_DIR:-target}/release/examples/zmq_broker")"
else
  report "ZeroMQ" failed "hil/examples/zmq_broker.rs does not build"
fi

compare "programs on SoapySDR" ./soapy_peers.sh "$@"

python3 summary.py "$AIRLOOP_PEERS_RESULTS"
