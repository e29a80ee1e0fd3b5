"""How many searches and cross-validations of a test run natively, and how many have to."""

import functools
import importlib
import logging
from collections import Counter
from pathlib import Path

from swapped_estimators import SEARCHES, read_left

RECORD = Path(__file__).resolve().parent / "native_searches.txt"
NONE = dict(native=0, total=0, reasons={})  # of a test that has crashed


class PathCounts(logging.Handler):
    """Counts the searches and cross-validations that have returned, and the native ones."""

    def __init__(self, module):
        super().__init__()
        self.total, self.native, self.reasons = 0, 0, Counter()
        package = importlib.import_module(module + ".model_selection")
        for name in SEARCHES:
            cls = getattr(package, name)
            cls.fit = self._counted(cls.fit)
        log = logging.getLogger(f"{module}.model_selection")
        log.setLevel(logging.DEBUG)
        log.propagate = False
        log.addHandler(self)

    def emit(self, record):  # the functions say their path in the log
        text = record.getMessage()
        self._add(text.endswith(": native"), text)

    def _add(self, native, reason):
        self.total += 1
        self.native += native
        if not native:
            self.reasons[reason] += 1

    def _counted(self, fit):
        @functools.wraps(fit)
        def counting(search, *args, **kwargs):
            result = fit(search, *args, **kwargs)
            path = getattr(search, "search_path_", "no search_path_")
            self._add(path == "native", f"{type(search).__name__}: {path}")
            return result

        return counting

    def take(self):
        """The counts since the last call."""
        taken = dict(native=self.native, total=self.total, reasons=dict(self.reasons))
        self.total, self.native, self.reasons = 0, 0, Counter()
        return taken


def read_record():
    """Return the recorded scikit-learn version and {test id: native searches}."""
    version, native = None, {}
    for line in RECORD.read_text(encoding="utf-8").splitlines():
        if line.startswith("# scikit-learn "):
            version = line.split()[-1]
        elif line and not line.startswith("#"):
            count, test = line.split(" ", 1)
            native[test] = int(count)
    return version, native


def write_record(version, done):
    """Record the tests that pass; return what not_swapped.toml has to give a reason for."""
    lines = [
        f"# scikit-learn {version}",
        "# native searches and test id; written by run_sklearn_suite.py --swap-estimators --record",
    ]
    unexplained, left = [], read_left()
    for test, e in done.items():
        counts = e.get("searches", NONE)
        native, total = counts["native"], counts["total"]
        explained = test.removeprefix("sklearn/").partition("[")[0] in left
        networks = any(name.startswith("MLP") for name in e["touched"])
        if e["outcome"] == "passed" and (native or (networks and not total)) and not explained:
            lines.append(f"{native} {test}")
        elif (e["outcome"] == "failed" or total) and not explained:
            unexplained.append(f"{test}: {e['outcome']}, {native} of {total} native: {e['short']}")
    RECORD.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return unexplained


def report(done, recorded, verbose):
    """Print what ran natively; return the tests in which fewer searches did than recorded."""
    native = total = 0
    too_few = set()
    for test, e in done.items():
        counts = e.get("searches", NONE)
        native, total = native + counts["native"], total + counts["total"]
        if counts["native"] < recorded[test]:
            too_few.add(test)
        if verbose or counts["native"] != recorded[test]:
            print(
                f"{counts['native']} of {counts['total']} searches native, "
                f"{recorded[test]} recorded: {test}"
            )
            for reason, count in counts["reasons"].items():
                print(f"    {count} not native: {reason}")
    print(
        f"{native} of {total} searches ran natively in {len(done)} tests, "
        f"recorded are {sum(recorded[test] for test in done)}"
    )
    return too_few
