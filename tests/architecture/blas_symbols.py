"""Looks for calls of BLAS and LAPACK: python3 blas_symbols.py NM LIBRARY ROOM... -- OBJECT...

Only the objects of the files ROOM may need a symbol of the library. They hold a guard of
core/kernels/blas_threads.hpp around every call, so that no result depends on how many threads BLAS
has been given.
"""

import re
import subprocess
import sys
from collections import defaultdict

FOLDER_OF_OBJECTS = re.compile(r".*\.dir/")


def lines(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{done.stderr}Is everything built?")
    return done.stdout.splitlines()


def blas_symbols(nm, library):
    """What the library, shared or static, defines for others."""
    options = ["--defined-only", "--extern-only", *(["-D"] if ".so" in library else [])]
    fields = (line.split() for line in lines(nm, *options, library))
    return {field[2].split("@")[0] for field in fields if len(field) == 3}


def needed_symbols(nm, objects):
    """The undefined symbols of each object."""
    needed = defaultdict(set)
    for line in lines(nm, "--print-file-name", "--undefined-only", *objects):
        file, _, symbol = line.rpartition(":")
        needed[file].add(symbol.split()[-1])
    return needed


def main(nm, library, *rest):
    cut = rest.index("--")
    rooms = [f"/{room}.o" for room in rest[:cut]]
    objects = [file for file in rest[cut + 1 :] if file.endswith(".o")]  # no precompiled header
    blas = blas_symbols(nm, library)
    needed = needed_symbols(nm, objects)
    callers = {file: sorted(names & blas) for file, names in needed.items() if names & blas}
    found = [
        f"{FOLDER_OF_OBJECTS.sub('', file)}: needs {', '.join(names)} of BLAS"
        for file, names in callers.items()
        if not file.endswith(tuple(rooms))
    ]
    for room in rooms:
        if not any(file.endswith(room) for file in callers):
            found.append(f"{room}: no object of this name needs BLAS")
    print("\n".join(found) if found else f"{len(callers)} of {len(objects)} objects call BLAS")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
