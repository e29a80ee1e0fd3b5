"""Kills searches with a journal at random moments, and checks what is left and what comes of them.

python bench/kills.py [--kills 50] [--seed 0] [--program skarma]

A search of 400 fits is started, killed (SIGKILL) and started again until it is done, then from the
start with a new journal, until it was killed so often. After each kill the file has to be sound and
to have every fit that it had before; the results have to be those of a search that nobody killed,
bit for bit. Once in Python and, if there is the program, once in the terminal.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests" / "python"
N_FITS = 400


def in_python(journal, results):
    """The command of one search in Python; its results are JSON."""
    return [sys.executable, str(TESTS / "journal_search.py"), str(journal), str(results)]


def in_terminal(program):
    """The same in the terminal."""

    def command(journal, results):
        network = "--seed 1 --max-iter 40 --tol 0 --n-iter-no-change 1000 --hidden-layer-sizes 16"
        search = f"grid-search --dataset iris --cv 4 --jobs 2 -q {network}"
        files = ["--output", str(results)] + (["--journal", str(journal)] if journal else [])
        return [program, *search.split(), "--grid", "alpha=logspace(-3,3,100)", *files]

    return command


def rows_in(journal):
    """The numbers of the fits that are there; throws for a file that is not sound."""
    if not journal.exists():
        return set()
    with closing(sqlite3.connect(journal, timeout=60)) as db:
        if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            return set()
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return set(db.execute("SELECT candidate, fold, fit_time FROM fits"))


def without_times(path):
    """All columns of results but those of times."""
    columns = json.loads(path.read_text())
    columns = columns.get("cv_results_", columns)
    return {name: values for name, values in columns.items() if not name.endswith("_time")}


def seconds_of(command):
    """How long it takes when nobody kills it."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def killed(command, expected, seconds, folder, n_kills, draw):
    """Kill so often; returns how often searches were completed, and fits done twice."""
    journal, results = folder / "journal", folder / "results.json"
    n_done = n_complete = 0
    while n_done < n_kills:
        before = rows_in(journal)
        process = subprocess.Popen(
            command(journal, results), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=draw.uniform(0.0, seconds))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            n_done += 1
            assert before <= rows_in(journal), "a fit that was done is lost"
            continue
        assert process.returncode == 0
        n_complete += 1
        assert len(rows_in(journal)) == N_FITS and before <= rows_in(journal)
        assert without_times(results) == expected, "other results"
        for file in folder.glob("journal*"):
            file.unlink()
    silence = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command(journal, results), check=True, **silence)
    assert without_times(results) == expected, "other results"
    return n_complete + 1


def main():
    """Do both, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--program", default=shutil.which("skarma"))
    options = parser.parse_args()
    os.environ["PYTHONWARNINGS"] = "ignore"
    ways = {"Python": in_python}
    if options.program:
        ways["terminal"] = in_terminal(options.program)
    for name, command in ways.items():
        with tempfile.TemporaryDirectory() as name_of_folder:
            folder = Path(name_of_folder)
            plain = folder / "plain.json"
            seconds = seconds_of(command(folder / "first" if name == "Python" else None, plain))
            expected = without_times(plain)
            draw = random.Random(options.seed)
            n_complete = killed(command, expected, seconds, folder, options.kills, draw)
        print(
            f"{name}: {options.kills} kills of searches of {N_FITS} fits, {n_complete} completed, "
            "the same results each time, no fit lost that was done"
        )


if __name__ == "__main__":
    main()
