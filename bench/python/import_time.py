"""What `import skarma` adds to `import sklearn.neural_network`, in seconds.

    python bench/python/import_time.py [--repeats N]

Every import happens in a process of its own; the figures are minima over the repeats.
"""

import argparse
import subprocess
import sys

TIMED = """
import time
start = time.perf_counter()
import sklearn.neural_network
between = time.perf_counter()
import {module}
print(between - start, time.perf_counter() - between)
"""


def seconds(module):
    """The seconds of scikit-learn's import, and those that the module adds."""
    command = [sys.executable, "-c", TIMED.format(module=module)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return tuple(map(float, printed.split()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    repeats = parser.parse_args().repeats
    print("| import | sklearn.neural_network (s) | added (s) |")
    print("| --- | --- | --- |")
    for module in ("skarma", "skarma.model_selection"):
        theirs, added = map(min, zip(*(seconds(module) for _ in range(repeats)), strict=True))
        print(f"| {module} | {theirs:.3f} | {added:.3f} |")


if __name__ == "__main__":
    main()
