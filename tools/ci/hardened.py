"""Reads from programs, libraries and archives whether they are hardened: full RELRO, position
independence, a stack that holds no code, a guard of the stack, and glibc's checked functions.

    python3 tools/ci/hardened.py FILE...    exit status 1 when something is missing
"""

import re
import subprocess
import sys


def readelf(file, *flags):
    command = ["readelf", "--wide", *flags, file]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def problems_of(file):
    """What one file lacks; an archive has no segments yet."""
    symbols = set(re.findall(r"\bUND +(\w+)", readelf(file, "--symbols")))
    if "__stack_chk_fail" not in symbols:
        yield "no guard of the stack (-fstack-protector-strong)"
    if not any(re.fullmatch(r"__\w+_chk", name) for name in symbols):
        yield "none of glibc's checked functions (-D_FORTIFY_SOURCE)"
    if str(file).endswith(".a"):
        return
    header, segments = readelf(file, "--file-header"), readelf(file, "--segments")
    if not re.search(r"Type: +DYN\b", header):
        yield "not position-independent (-pie)"
    if "GNU_RELRO" not in segments:
        yield "no RELRO (-z relro)"
    if not re.search(r"\(BIND_NOW\)|\(FLAGS.*\bNOW\b", readelf(file, "--dynamic")):
        yield "symbols are bound late, so that RELRO is partial (-z now)"
    if re.search(r"GNU_STACK.*RWE", segments):
        yield "its stack may be executed (-z noexecstack)"


def main(*files):
    found = [f"{file}: {problem}" for file in files for problem in problems_of(file)]
    print("\n".join(found) if found else f"hardened: {', '.join(map(str, files))}")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) > 1 else __doc__)
