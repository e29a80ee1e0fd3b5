"""Holds a shared library to one namespace: python3 exported_names.py LIBRARY

Armadillo, dlib, fmt or nlohmann-json inside must not meet another copy of theirs in a process.
"""

import re
import subprocess
import sys

# Functions and data of skarma; vtables, type information, thunks and guards of its classes.
OURS = re.compile(r"_Z(N[KRO]{0,2}|T[VTIS]N|T[hvc].*_N|GVN)K?6skarma")


def main(library):
    command = ["nm", "--dynamic", "--defined-only", library]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1].split("@")[0] for line in listing.splitlines()}
    foreign = sorted(name for name in names if not OURS.match(name))
    for name in foreign:
        print(f"{library} shows {name}")
    print(f"{len(names)} names, {len(foreign)} of them not skarma's")
    return 1 if foreign or not names else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
