#!/usr/bin/env bash
# Runs every ```sh block of README.md in order, each in the same empty folder, with the release binary on the path.
# Blocks that build or test (cargo ..., ./check) run from the repository; `cargo run --release --` becomes `airloop`.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r "$root/experiments" "$root/figures" "$scratch/"
awk '/^```sh$/ {inside = 1; next} /^```$/ {inside = 0} inside' "$root/README.md" > "$scratch/commands"
cd "$scratch"
while IFS= read -r line; do
  case "$line" in
    "" | \#*) continue ;;
    ./check*) continue ;; # this very script
    "cargo bench"* | "cargo install"*) continue ;; # minutes of their own
    "cargo run --release --example"*) command="cd '$root' && $line" ;;
    "cargo run --release -- "*) command="airloop ${line#cargo run --release -- }" ;;
    *) command=$line ;;
  esac
  echo "\$ $line"
  bash -euo pipefail -c "$command" < /dev/null
done < "$scratch/commands"
