#!/usr/bin/env bash
# SoapySDR's own tool: the module is listed with version and factory, found, probed, and streams.
#
# AIRLOOP_SOAPY names the folder that holds libairloopSupport.so. Exit status: 0 if all is well, 1 if something is not.
set -uo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/modules"
ln -s "$(realpath "$AIRLOOP_SOAPY")/libairloopSupport.so" "$scratch/modules/"
export SOAPY_SDR_PLUGIN_PATH="$scratch/modules" SOAPY_SDR_ROOT="$scratch"
broken=() checks=0

# must WHAT PATTERN ARGUMENTS..: SoapySDRUtil says something with these arguments
must() {
  local said
  said=$(timeout 60 SoapySDRUtil "${@:3}" 2>&1)
  checks=$((checks + 1))
  grep -Eq -- "$2" <<<"$said" || broken+=("$1: $(tail -3 <<<"$said" | tr '\n' ' ')")
}

# A module whose static initialisers were dropped is listed without a version, and has no factory.
must "version" 'libairloopSupport.so +\([0-9.]+\)' --info
must "factory" 'Available factories\.\.\..*airloop' --info
must "found by its name" 'label = airloop radio a in this process' --find="driver=airloop,radio=a"
must "not found by who looks for others" 'No devices found' --find
must "times" 'Timestamps: YES' --probe="driver=airloop,persona=ideal"
must "persona" 'persona=ideal' --probe="driver=airloop,persona=ideal"
must "channels" '2 Rx, 2 Tx' --probe="driver=airloop,rx=2,tx=2"
must "formats" 'Native format: CF32' --probe="driver=airloop"
must "gains of a B210" 'Full gain range: \[0, 76\] dB' --probe="driver=airloop,persona=b210"
must "a Pluto has no times" 'Timestamps: NO' --probe="driver=airloop,persona=pluto"
must "an argument that is wrong" 'there is no such radio; there are ideal, b210' --probe="driver=airloop,persona=x"
[ -z "$(find "$scratch" -type s)" ] || broken+=("a socket was made")

# Faster than asked for: lockstep runs as fast as it can. The tool never ends by itself.
said=$(timeout --signal=INT 8 SoapySDRUtil --args="driver=airloop" --rate=1e6 --channels=0 --direction=RX 2>&1 | tr '\b' '\n')
rate=$(grep -Eo '[0-9.]+ Msps' <<<"$said" | grep -v "^1 Msps" | tail -1)
checks=$((checks + 1))
[ -n "$rate" ] && ! grep -Eqi 'error|overflow' <<<"$said" || broken+=("no samples: $(tail -3 <<<"$said" | tr '\n' ' ')")

verdict="agrees"
[ ${#broken[@]} = 0 ] || verdict="FAILS: $(printf '%s; ' "${broken[@]}")"
what="SoapySDRUtil lists, finds, probes and streams the module"
echo "SoapySDR tools: $what: $checks checks, ${rate:-no rate} heard in lockstep: $verdict"
if [ -n "${AIRLOOP_PEERS_RESULTS-}" ]; then
  python3 - "$what" "$checks" "${broken[@]}" >>"$AIRLOOP_PEERS_RESULTS" <<'PYTHON'
import json, sys
broken = sys.argv[3:]
row = {"peer": "SoapySDR", "what": sys.argv[1], "rows": int(sys.argv[2]), "worst": float(bool(broken)), "controls": "2 of 2", "broken": broken}
print(json.dumps(row))
PYTHON
fi
[ ${#broken[@]} = 0 ]
