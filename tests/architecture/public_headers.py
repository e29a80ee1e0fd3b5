"""Compiles every public header alone, beside the other public headers and the standard library.

The include path is a tree of links to the public headers only, and before it a folder in which
`armadillo` and the other private dependencies are an #error: a header that needs one of them, or a
private header of ours, fails here. core/base/arma_interop.hpp, the opt-in bridge, is compiled with
Armadillo.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BRIDGE = "core/base/arma_interop.hpp"
PRIVATE = [
    "armadillo",
    "cblas.h",
    "dlib/matrix.h",
    "dlib/optimization.h",
    "fmt/core.h",
    "fmt/format.h",
    "nlohmann/json.hpp",
    "nlohmann/json_fwd.hpp",
    "CLI/CLI.hpp",
    "cuda_runtime.h",
    "gtest/gtest.h",
]
FLAGS = [
    "-std=c++20",
    "-fsyntax-only",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wshadow",
    "-Werror",
]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def prepare(folder, root, headers):
    """Links to the public headers below folder/public, barriers below folder/barrier."""
    for header in headers:
        link = folder / "public" / "skarma" / header
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(root / header)
    for name in PRIVATE:
        write(folder / "barrier" / name, f'#error "a public header must not include <{name}>"\n')


def compile_alone(compiler, folder, header, armadillo):
    source = folder / "alone" / f"{header}.cpp"
    write(source, f"#include <skarma/{header}>\n#include <skarma/{header}>\n")
    barrier = ["-isystem", armadillo] if header == BRIDGE else ["-I", str(folder / "barrier")]
    if (
        header == BRIDGE and armadillo == "/usr/include"
    ):  # in reach already; naming it would reorder the path
        barrier = []
    command = [*compiler, *FLAGS, *barrier, "-I", str(folder / "public"), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    return header, done.returncode == 0, done.stderr


def barrier_holds(compiler, folder):
    """Armadillo must really be out of reach, or the test would prove nothing."""
    source = folder / "alone" / "barrier.cpp"
    write(source, "#include <armadillo>\n")
    command = [*compiler, *FLAGS, "-I", str(folder / "barrier"), str(source)]
    return subprocess.run(command, capture_output=True).returncode != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--headers", type=Path, required=True, help="a file with one path a line")
    parser.add_argument("--armadillo", required=True, help="the folder of Armadillo's headers")
    args = parser.parse_args()
    headers = [
        os.path.relpath(line, args.root) for line in args.headers.read_text().split("\n") if line
    ]
    with (
        tempfile.TemporaryDirectory() as name,
        ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool,
    ):
        folder = Path(name)
        prepare(folder, args.root, headers)
        if not barrier_holds([args.compiler], folder):
            print("Armadillo is still in reach: this test would prove nothing")
            return 1
        results = list(
            pool.map(lambda h: compile_alone([args.compiler], folder, h, args.armadillo), headers)
        )
    failed = [(header, errors) for header, passed, errors in results if not passed]
    for header, errors in failed:
        print(f"{header} does not compile alone:\n{errors}")
    print(f"{len(headers) - len(failed)} of {len(headers)} public headers compile alone")
    return 1 if failed or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
