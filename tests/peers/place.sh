# Where the peers live, and how they come there; to be sourced. Nothing is installed without --install.

peers_cache="${XDG_CACHE_HOME:-$HOME/.cache}/airloop-peers"
sionna_version=1.2.2
tensorflow_version=2.21.0
sigmf_version=1.14.0
pyzmq_version=27.3.0

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

have_itpp() {
  command -v g++ >/dev/null || return 1
  local program status=0
  program=$(mktemp)
  printf '#include <itpp/itcomm.h>\nint main() {}\n' | g++ -x c++ - -litpp -o "$program" 2>/dev/null || status=1
  rm -f "$program"
  return $status
}

python_of() { echo "$peers_cache/$1/bin/python"; }

have_numpy() { "$(python_of numpy)" -c 'import numpy' >/dev/null 2>&1; }

have_sionna() { TF_CPP_MIN_LOG_LEVEL=3 "$(python_of sionna)" -c 'import sionna.phy' >/dev/null 2>&1; }

have_sigmf() { "$(python_of sigmf)" -c 'import sigmf' >/dev/null 2>&1; }

have_zmq() { "$(python_of zmq)" -c 'import zmq' >/dev/null 2>&1; }

# Each reports on its own whether it came; a peer that did not is told apart later, by have_*.
install_itpp() {
  as_root apt-get update && as_root apt-get install -y --no-install-recommends g++ libitpp-dev
}

install_numpy() {
  python3 -m venv "$peers_cache/numpy" && "$(python_of numpy)" -m pip install --quiet numpy
}

# The last line of Sionna on TensorFlow: 1.8 GB. The line on PyTorch takes 5.7 GB, most of it for accelerators.
install_sionna() {
  python3 -m venv "$peers_cache/sionna" &&
    "$(python_of sionna)" -m pip install --quiet "tensorflow-cpu==$tensorflow_version" scipy matplotlib importlib_resources &&
    "$(python_of sionna)" -m pip install --quiet --no-deps "sionna-no-rt==$sionna_version"
}

install_sigmf() {
  python3 -m venv "$peers_cache/sigmf" && "$(python_of sigmf)" -m pip install --quiet "sigmf==$sigmf_version"
}

install_zmq() {
  python3 -m venv "$peers_cache/zmq" && "$(python_of zmq)" -m pip install --quiet "pyzmq==$pyzmq_version"
}

install_peers() {
  mkdir -p "$peers_cache"
  local peer
  for peer in itpp numpy sionna sigmf zmq; do
    if ! "have_$peer"; then
      echo "installing $peer"
      "install_$peer" >"$peers_cache/$peer.log" 2>&1 || echo "$peer cannot be installed here: see $peers_cache/$peer.log"
    fi
  done
}
