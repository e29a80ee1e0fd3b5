"""Holds a wheel to what is promised of it, prints its size and what its extension module loads.

check_wheel.py WHEEL    exit status 1 when a promise is broken
"""

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import hardened

MAX_BYTES = 15_000_000
SYSTEM = re.compile(r"(linux-vdso|ld-linux.*|lib(c|m|pthread|dl|rt)|libstdc\+\+|libgcc_s)\.so\.\d+")
LICENSES = {
    *("LICENSE", "THIRD_PARTY.md", "OpenBLAS.txt", "Armadillo.txt", "Apache-2.0.txt"),
    *("fmt.txt", "nlohmann-json.txt", "dlib.txt", "pybind11.txt"),
}


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def content_problems(wheel):
    files = zipfile.ZipFile(wheel).namelist()
    for name in ("skarma/py.typed", "skarma/_native.pyi", "skarma/__init__.py"):
        if name not in files:
            yield f"{name} is missing"
    licenses = {Path(name).name for name in files if ".dist-info/licenses/" in name}
    for name in LICENSES - licenses:
        yield f"the licence text {name} is missing"
    for name in files:
        if "/scripts/" in name or ".libs/" in name or "libcsv" in name:
            yield f"{name} does not belong there"
    if wheel.stat().st_size >= MAX_BYTES:
        yield f"it has {wheel.stat().st_size} bytes, {MAX_BYTES} are too many"


def module_problems(module):
    yield from hardened.problems_of(module)
    loaded = output_of("ldd", module)
    print(loaded, end="")
    for line in loaded.splitlines():
        library = Path(line.split()[0]).name
        if not SYSTEM.fullmatch(library):
            yield f"it loads {library}"
    symbols = output_of("nm", "-D", "--defined-only", module).splitlines()
    foreign = {line.split()[-1] for line in symbols} - {"PyInit__native"}
    if foreign:
        yield f"it exports {len(foreign)} names of its inside, such as {min(foreign)}"


def problems_of(wheel):
    yield from content_problems(wheel)
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(wheel).extractall(folder)
        modules = list(Path(folder, "skarma").glob("_native*.so"))
        if len(modules) != 1:
            yield f"it has {len(modules)} extension modules"
        for module in modules:
            yield from module_problems(module)


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
