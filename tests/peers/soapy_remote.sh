#!/usr/bin/env bash
# SoapyRemote: a server hosts the driver, a client without the module hears bit by bit what another one sends.
#
# AIRLOOP_SOAPY names the folder that holds libairloopSupport.so; needs soapyremote-server, soapysdr-module-remote, python3-soapysdr.
# The server gives up where no Avahi runs: one is started for it if this user may, and stopped again.
# Exit status: 0 if all is well, 1 if something is not.
set -uo pipefail
cd "$(dirname "$0")"
port=${AIRLOOP_SOAPY_PORT:-55132}
scratch=$(mktemp -d)
started=()
finish() {
  [ ${#started[@]} = 0 ] || kill "${started[@]}" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$scratch"
}
trap finish EXIT

# folder NAME MODULE: a folder of modules with one
folder() {
  mkdir -p "$scratch/$1" && ln -s "$2" "$scratch/$1/"
}
folder server "$(realpath "$AIRLOOP_SOAPY")/libairloopSupport.so"
remote=$(find /usr/lib /usr/local/lib -name libremoteSupport.so 2>/dev/null | head -1)
[ -n "$remote" ] || { echo "SoapyRemote: soapysdr-module-remote is not there"; exit 1; }
folder client "$remote"

has_avahi() {
  dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
    string:org.freedesktop.Avahi 2>/dev/null | grep -q true
}

# await COMMAND..: waits until it succeeds, for ten seconds
await() {
  for _ in $(seq 200); do "$@" && return; sleep 0.05; done
  return 1
}

if ! has_avahi; then
  if ! dbus-send --system --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames 2>/dev/null; then
    mkdir -p /run/dbus
    dbus-daemon --system --nofork --nopidfile >"$scratch/dbus" 2>&1 &
    started+=($!)
    await test -S /run/dbus/system_bus_socket
  fi
  avahi-daemon --no-drop-root --no-chroot >"$scratch/avahi" 2>&1 &
  started+=($!)
  await has_avahi
fi

SOAPY_SDR_ROOT="$scratch" SOAPY_SDR_PLUGIN_PATH="$scratch/server" \
  SoapySDRServer --bind="tcp://127.0.0.1:$port" >"$scratch/said" 2>&1 &
server=$!
started+=("$server")
is_bound() { grep -q "Server bound" "$scratch/said" || ! kill -0 "$server" 2>/dev/null; }
await is_bound
if ! kill -0 "$server" 2>/dev/null; then
  echo "SoapyRemote: the server does not run: $(tail -3 "$scratch/said" | tr '\n' ' ')"
  exit 1
fi
SOAPY_SDR_ROOT="$scratch" SOAPY_SDR_PLUGIN_PATH="$scratch/client" PYTHONDONTWRITEBYTECODE=1 \
  timeout 300 /usr/bin/python3 soapy_remote.py "$port" 2>"$scratch/messages"
status=$?
[ "$status" = 0 ] || tail -n 8 "$scratch/messages" "$scratch/said" >&2
exit $((status != 0))
