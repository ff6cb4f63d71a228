#!/usr/bin/env bash
# Programs that nobody here wrote, on the radios of an ether by the SoapySDR module: SoapySDR's tool, GNU Radio, liquid, SoapyRemote, UHD.
#
#   tests/peers/soapy_peers.sh             the programs that are there
#   tests/peers/soapy_peers.sh --install   installs what is missing first, of Debian's packages
#
# AIRLOOP_SOAPY (a folder with libairloopSupport.so) and AIRLOOP_SERVE_ETHER (the example) name what is tested; without them, the
# release build is made. Exit status: 0 if nothing disagrees or fails, whatever was not run because it is not there; 1 if something
# does; 2 if the arguments are wrong.
set -uo pipefail
cd "$(dirname "$0")"
# Debian's modules for Python are Debian's Python's.
python=/usr/bin/python3
packages=(
  g++ libsoapysdr-dev pkg-config soapysdr-tools python3-soapysdr python3-numpy gnuradio libliquid-dev
  soapysdr-module-remote soapyremote-server avahi-daemon dbus uhd-host uhd-soapysdr python3-uhd
)

case "${1-}" in
  "") ;;
  --install)
    root=()
    [ "$(id -u)" = 0 ] || root=(sudo -n)
    "${root[@]}" apt-get update && "${root[@]}" apt-get install -y --no-install-recommends "${packages[@]}" ||
      echo "not all packages can be installed here"
    ;;
  *) echo "soapy_peers.sh: unknown argument $1 (there is --install)" >&2; exit 2 ;;
esac

if ! command -v pkg-config >/dev/null || ! pkg-config --exists SoapySDR; then
  echo "not run: SoapySDR: libsoapysdr-dev is not there"
  exit 0
fi
if [ -z "${AIRLOOP_SOAPY-}" ] || [ -z "${AIRLOOP_SERVE_ETHER-}" ]; then
  (cd ../.. && cargo build --release --locked -p airloop-soapy --lib --example serve_ether) || exit 1
  AIRLOOP_SOAPY=$(cd ../.. && realpath "${CARGO_TARGET_DIR:-target}/release")
  AIRLOOP_SERVE_ETHER=$AIRLOOP_SOAPY/examples/serve_ether
fi
export AIRLOOP_SOAPY AIRLOOP_SERVE_ETHER PYTHONDONTWRITEBYTECODE=1
messages=$(mktemp)
trap 'rm -f "$messages"' EXIT
failed=0

# peer NAME NEEDS COMMAND..: NEEDS is a command that succeeds where the program is there
peer() {
  local said status=0
  if ! eval "$2" >/dev/null 2>&1; then
    echo "not run: $1: it is not installed"
    [ -z "${AIRLOOP_PEERS_RESULTS-}" ] ||
      printf '{"peer": "%s", "not_run": "it is not installed"}\n' "$1" >>"$AIRLOOP_PEERS_RESULTS"
    return
  fi
  said=$(timeout 900 "${@:3}" 2>"$messages") || status=$?
  # Programs below print words of their own.
  grep -E ': (agrees|FAILS: .*)$' <<<"$said"
  [ "$status" = 0 ] && return
  failed=1
  if ! grep -Eq ': FAILS: ' <<<"$said"; then
    echo "$1: broke off with status $status"
    tail -20 "$messages" >&2
    [ -z "${AIRLOOP_PEERS_RESULTS-}" ] ||
      printf '{"peer": "%s", "failed": "%s broke off with status %s"}\n' "$1" "$3" "$status" >>"$AIRLOOP_PEERS_RESULTS"
  fi
}

peer "SoapySDR" "command -v SoapySDRUtil" ./soapy_tools.sh
peer "GNU Radio" "$python -c 'from gnuradio import soapy, digital, channels'" "$python" soapy_gnuradio.py
peer "GNU Radio" "$python -c 'from gnuradio import soapy, filter; import numpy'" "$python" soapy_sounder.py
peer "liquid" "printf '#include <liquid/liquid.h>\n' | cc -E -" "$python" soapy_liquid.py
peer "SoapyRemote" "command -v SoapySDRServer && command -v avahi-daemon && $python -c 'import SoapySDR, numpy'" ./soapy_remote.sh
peer "UHD" "[ -x /usr/libexec/uhd/examples/rx_samples_to_file ] && $python -c 'import uhd, numpy'" "$python" soapy_uhd.py
exit $failed
