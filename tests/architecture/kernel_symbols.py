"""Looks for weak symbols in the kernels' objects: python3 kernel_symbols.py NM OBJECT...

Each copy of the kernels is compiled for its own instruction set. A weak symbol (an inline function,
a template) is merged with the other copies' by the linker, which may keep one that the processor
does not have.
"""

import subprocess
import sys

WEAK = set("WwVvu")


def weak_symbols(nm, file):
    listing = subprocess.run(
        [nm, "-C", "--defined-only", file], capture_output=True, text=True, check=True
    ).stdout
    fields = (line.split(maxsplit=2) for line in listing.splitlines())
    return [field[2] for field in fields if len(field) == 3 and field[1] in WEAK]


def main(nm, *objects):
    found = [f"{file}: weak symbol {name}" for file in objects for name in weak_symbols(nm, file)]
    print("\n".join(found) if found else f"no weak symbol in {len(objects)} objects")
    return 1 if found or not objects else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
