"""Holds a wheel to what is promised of it, prints its size and what its library loads.

check_wheel.py WHEEL    exit status 1 when a promise is broken
"""

import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import hardened

SYSTEM = re.compile(r"(linux-vdso|ld-linux.*|lib(c|m|pthread|dl|rt)|libstdc\+\+|libgcc_s)\.so\.\d+")


@dataclass(frozen=True)
class Promise:
    """Files that are there beside the library of this pattern, and all that this exports."""

    files: tuple
    pattern: str
    exported: str
    licenses: frozenset
    max_bytes: int


SKARMA = Promise(
    ("skarma/py.typed", "skarma/_native.pyi", "skarma/__init__.py")
    + ("skarma/demos/__init__.py", "skarma/skarma.mplstyle"),
    "skarma/_native*.so",
    "PyInit__native",
    frozenset(
        ("LICENSE", "THIRD_PARTY.md", "OpenBLAS.txt", "Armadillo.txt", "Apache-2.0.txt")
        + ("fmt.txt", "nlohmann-json.txt", "dlib.txt", "pybind11.txt", "xxHash.txt")
    ),
    15_000_000,
)
SKARMA_CUDA = Promise(
    (),
    "skarma/libskarma_cuda.so",
    "skarma_device_plugin",
    frozenset(("LICENSE", "THIRD_PARTY.md", "fmt.txt", "CUDA.txt")),
    15_000_000,
)


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def content_problems(wheel, promise):
    files = zipfile.ZipFile(wheel).namelist()
    for name in promise.files:
        if name not in files:
            yield f"{name} is missing"
    licenses = {Path(name).name for name in files if ".dist-info/licenses/" in name}
    for name in promise.licenses - licenses:
        yield f"the licence text {name} is missing"
    for name in files:
        if "/scripts/" in name or ".libs/" in name or "libcsv" in name or "sqlite" in name:
            yield f"{name} does not belong there"
    if wheel.stat().st_size >= promise.max_bytes:
        yield f"it has {wheel.stat().st_size} bytes, {promise.max_bytes} are too many"


def library_problems(library, exported):
    yield from hardened.problems_of(library)
    loaded = output_of("ldd", library)
    print(loaded, end="")
    for line in loaded.splitlines():
        name = Path(line.split()[0]).name
        if not SYSTEM.fullmatch(name):
            yield f"it loads {name}"
    symbols = output_of("nm", "-D", "--defined-only", library).splitlines()
    foreign = {line.split()[-1] for line in symbols} - {exported}
    if foreign:
        yield f"it exports {len(foreign)} names of its inside, such as {min(foreign)}"


def problems_of(wheel):
    promise = SKARMA_CUDA if wheel.name.startswith("skarma_cuda-") else SKARMA
    yield from content_problems(wheel, promise)
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(wheel).extractall(folder)
        libraries = list(Path(folder).glob(promise.pattern))
        if len(libraries) != 1:
            yield f"it has {len(libraries)} files {promise.pattern}"
        for library in libraries:
            yield from library_problems(library, promise.exported)


def main(*arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    wheel = Path(arguments[0])
    problems = list(problems_of(wheel))
    print(f"{wheel}: {wheel.stat().st_size / 1e6:.1f} MB")
    for problem in problems:
        print(f"{wheel.name}: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
