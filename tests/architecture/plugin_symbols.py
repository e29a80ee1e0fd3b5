"""Holds the library of a device to its one function: python3 plugin_symbols.py NM LIBRARY

Whatever else it showed could meet a name of ours, or of a dependency's, in a process.
"""

import re
import subprocess
import sys

FUNCTION = "skarma_device_plugin"
OURS = re.compile(r"_Z\w*6skarma|skarma_")


def names(nm, library, kind):
    listing = subprocess.run(
        [nm, "--dynamic", kind, library], capture_output=True, text=True, check=True
    ).stdout
    return {line.split()[-1].split("@")[0] for line in listing.splitlines()}


def main(nm, library):
    shown = names(nm, library, "--defined-only")
    found = [f"{library} shows {name}" for name in sorted(shown - {FUNCTION})]
    if FUNCTION not in shown:
        found.append(f"{library} does not show {FUNCTION}")
    needed = sorted(filter(OURS.match, names(nm, library, "--undefined-only")))
    found += [f"{library} needs {name}" for name in needed]
    print("\n".join(found) if found else f"{library} shows {FUNCTION} alone")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
