# shellcheck shell=bash
# What tools/demo, tools/test and .ci/run share. Source it: it goes to the root of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export jobs=${SKARMA_JOBS:-$(nproc)}
export CMAKE_BUILD_PARALLEL_LEVEL=$jobs # for builds that pip starts

# build PRESET [OPTION...]: configures and builds build/PRESET; options, such as --target, are those of `cmake --build`.
build() {
  local preset=$1
  shift
  echo "== build $preset ($jobs jobs)"
  cmake --preset "$preset" --log-level=WARNING >/dev/null
  if [ -t 1 ]; then # Ninja keeps to one line
    cmake --build --preset "$preset" --parallel "$jobs" "$@"
  else
    cmake --build --preset "$preset" --parallel "$jobs" "$@" | every_half_minute
  fi
}

# find_nvcc: prints the nvcc on the PATH, or else the one where NVIDIA's packages put it; fails where there is none.
find_nvcc() { command -v nvcc || command -v /usr/local/cuda/bin/nvcc; }

# minutes N: how long a build of N minutes on one core takes with $jobs jobs, in words.
minutes() {
  local n=$((($1 + jobs - 1) / jobs))
  if [ "$n" -eq 1 ]; then echo "about a minute"; else echo "about $n minutes"; fi
}

# Of Ninja's lines "[5/31] Building ..." the first, one in 30 s and the last; all other lines as they come.
every_half_minute() {
  local line last='' shown=$((SECONDS - 30))
  while IFS= read -r line || [ -n "$line" ]; do
    if [[ $line =~ ^\ *\[[0-9]+/[0-9]+\]\  ]]; then
      last=$line
      ((SECONDS >= shown + 30)) || continue
      shown=$SECONDS
      last=''
    fi
    printf '%s\n' "$line"
  done
  [ -z "$last" ] || printf '%s\n' "$last"
}

# compile_with PYTHON pip-command...: runs pip, which compiles, and shows how far Ninja is; everything when pip fails.
compile_with() {
  local python=$1 log status=0
  shift
  log=$(mktemp)
  "$python" -m pip "$@" --verbose --disable-pip-version-check 2>&1 | tee "$log" |
    { grep --line-buffered -E '^ *\[[0-9]+/[0-9]+\] ' || true; } | every_half_minute || status=$?
  [ $status -eq 0 ] || cat "$log" >&2
  rm -f "$log"
  return $status
}
