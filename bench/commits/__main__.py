"""One commit of skarma beside another: are its bits the same, and is nothing slower?

    build/venv/bin/python bench/commits BASE [NEW] [--bits] [--cases PATTERN,...] [--rounds N]

Both are built as users build them, into build/commits, and their fits, predictions and searches are
timed in turns, on one thread of one CPU: the cases of bench/peers that are taken in a process that
has warmed up, the long ones shortened. The figure is NEW's CPU time / BASE's, each the least of the
rounds; what seems slower than --most is timed three times as often before it is called so. Exits
with 1 if a case is slower than that, or all of them by more than 1 % in the geometric mean.

With --bits nothing is timed: the list of tests/python/bits.py is hashed with both.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from fnmatch import fnmatch

from built import ROOT, build, commit_of, use

sys.path.append(str(ROOT / "bench" / "peers"))

import cases  # noqa: E402
import worker  # noqa: E402
from turns import ONE_THREAD, process  # noqa: E402

SHORTER = {"epochs": 3, "n_samples": 10}  # parts of long problems, and by which factor
LONG = ("search-*", "predict_proba-*", "lbfgs-20000-*")


def timed_cases(patterns):
    """The cases that one process can run again and again, and the same, the long ones shortened."""
    for case in cases.chosen(patterns):
        if case.measure != "cpu":
            continue
        problem = dict(case.problem)
        if any(fnmatch(case.name, pattern) for pattern in LONG):
            for part in SHORTER.keys() & problem.keys():
                problem[part] = max(1, problem[part] // SHORTER[part])
        yield case, replace(case, problem=problem)


class Turns:
    """A process for each commit, which time a case in turns."""

    def __init__(self, sites, cpu):
        self.cpus, self.sites, self._stack = {cpu}, sites, ExitStack()

    def __enter__(self):
        os.environ.update(ONE_THREAD)
        self._submits = [self._stack.enter_context(process(self.cpus)) for _ in self.sites]
        for submit, site in zip(self._submits, self.sites, strict=True):
            submit(use, site).result()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def prepare(self, case):
        for submit in self._submits:
            submit(worker.prepare, "skarma", case, self.cpus, False).result()

    def least(self, case, rounds):
        """Seconds of each commit, the least of the rounds."""
        least = [math.inf] * len(self._submits)
        for _ in range(rounds):
            for i, submit in enumerate(self._submits):
                figure = submit(worker.timed, "skarma", case, self.cpus).result().figure
                least[i] = min(least[i], figure)
        return least


def compare_times(sites, options):
    """Whether nothing is slower."""
    ratios = []
    print(f"{'':44}{'BASE':>12}{'NEW':>12}{'ratio':>8}")
    with Turns(sites, options.cpu) as turns:
        for case, shortened in timed_cases(options.cases):
            turns.prepare(shortened)
            base, new = turns.least(shortened, options.rounds)
            if new > options.most * base:
                again = turns.least(shortened, 3 * options.rounds)
                base, new = min(base, again[0]), min(new, again[1])
            ratios.append(new / base)
            mark = "  slower" if ratios[-1] > options.most else ""
            times = f"{1e3 * base:9.3f} ms{1e3 * new:9.3f} ms"
            print(f"{case.name:44}{times}{ratios[-1]:8.3f}{mark}", flush=True)
    mean = statistics.geometric_mean(ratios)
    print(f"geometric mean {mean:.3f}, the slowest {max(ratios):.3f}, of {len(ratios)} cases")
    return mean <= 1.01 and max(ratios) <= options.most


def bits_of(site):
    """The hashes of all cases of tests/python/bits.py with the package in this folder."""
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "python" / "bits.py"],
        env=os.environ | {"PYTHONPATH": str(site)},
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout)


def compare_bits(sites):
    """Whether no bit has moved."""
    then, now = map(bits_of, sites)
    moved = [name for name in then if then[name] != now.get(name)]
    for name in moved:
        print(f"moved: {name}")
    print(f"{len(then) - len(moved)} of {len(then)} cases have the same bits")
    return not moved


def main():
    parser = argparse.ArgumentParser(
        prog="python bench/commits", description=__doc__.splitlines()[0]
    )
    parser.add_argument("base", metavar="BASE")
    parser.add_argument("new", metavar="NEW", nargs="?", default="HEAD")
    parser.add_argument("--bits", action="store_true", help="compare bits instead of times")
    parser.add_argument("--cases", type=lambda text: text.split(","), default=["*"])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--most", type=float, default=1.03, help="ratio of a case, default 1.03")
    parser.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)))
    options = parser.parse_args()
    try:
        commits = [commit_of(name) for name in (options.base, options.new)]
        if not list(timed_cases(options.cases)):
            raise ValueError("--cases names none that a process which has warmed up can repeat")
        if options.rounds < 1:
            raise ValueError("--rounds must be at least 1")
    except ValueError as error:
        parser.error(str(error))
    sites = [build(commit) for commit in commits]
    return not (compare_bits(sites) if options.bits else compare_times(sites, options))


if __name__ == "__main__":
    sys.exit(main())
