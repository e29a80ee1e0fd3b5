# shellcheck shell=bash
# What tools/demo, tools/test and .ci/run share. Source it: it goes to the root of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export jobs=${SKARMA_JOBS:-$(nproc)}

# build PRESET: configures and builds build/PRESET. Quiet where nothing changed.
build() {
  local preset=$1
  echo "== build $preset ($jobs jobs)"
  cmake --preset "$preset" --log-level=WARNING >/dev/null
  cmake --build --preset "$preset" --parallel "$jobs"
}
