"""Searches with a journal go on after whatever ended them, beside whoever works on it."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
import warnings
from contextlib import closing

import journal_search
import numpy as np
import pytest
from journals import GRID, SEARCH, X, Y, expect_same, network, rows_in, searched

from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV


def started(*arguments):
    command = [sys.executable, str(SEARCH), *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def wait_for_rows(path, n_rows, process):
    while rows_in(path) < n_rows:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.001)


def ended(process):
    """Its exit code, and what it said."""
    _, text = process.communicate(timeout=120)
    return process.returncode, text


def test_killed_searches_go_on(tmp_path):
    draw = random.Random(1)
    n_kept = 0
    for _ in range(4):
        process = started(tmp_path / "j")
        wanted = n_kept + draw.randint(3, 60)
        wait_for_rows(tmp_path / "j", wanted, process)
        process.kill()
        assert ended(process)[0] == -signal.SIGKILL
        n_kept = rows_in(tmp_path / "j")
        assert wanted <= n_kept < journal_search.N_FITS
    last = rows_in(tmp_path / "j", "SELECT max(id) FROM fits")
    search = journal_search.search(tmp_path / "j")
    with closing(sqlite3.connect(tmp_path / "j")) as db:
        (n_new,) = db.execute("SELECT count(*) FROM fits WHERE id > ?", (last,)).fetchone()
    assert n_new == journal_search.N_FITS - n_kept
    expect_same(search, journal_search.search(), with_times=False)


def test_two_processes_share_a_search(tmp_path):
    first = started(tmp_path / "j", tmp_path / "a")
    wait_for_rows(tmp_path / "j", 3, first)
    second = started(tmp_path / "j", tmp_path / "b")
    for process in (first, second):
        assert ended(process) == (0, "")
    assert rows_in(tmp_path / "j") == journal_search.N_FITS
    a, b = (json.loads((tmp_path / name).read_text()) for name in "ab")
    assert a == b  # with the times of whoever did a fit
    plain = journal_search.numbers(journal_search.search().cv_results_, with_times=False)
    assert {name: a[name] for name in plain} == plain


def test_a_fit_that_another_process_has_done_meanwhile_is_its(tmp_path, monkeypatch):
    from skarma._journal import SearchJournal

    append = SearchJournal.append

    def second(self, fit, row):
        if (fit.candidate, fit.fold) == (1, 2):
            append(self, fit, row | {"fit_time": 77.0})
        return append(self, fit, row)

    monkeypatch.setattr(SearchJournal, "append", second)
    search = searched(tmp_path / "j")
    assert search.cv_results_["mean_fit_time"][1] > 19.0
    expect_same(search, searched(tmp_path / "j"))


def test_what_this_process_has_done_is_not_read_again(tmp_path, monkeypatch):
    from skarma._journal import SearchJournal

    read, n_read = SearchJournal._scores, 0

    def counted(self, key, fold):
        nonlocal n_read
        n_read += 1
        return read(self, key, fold)

    monkeypatch.setattr(SearchJournal, "_scores", counted)
    first = searched(tmp_path / "j")
    assert n_read == 0
    expect_same(first, searched(tmp_path / "j"))
    assert n_read == 12
    twice = [{"alpha": [2.0]}, {"alpha": [2.0]}]  # the second has what the first came to
    again = searched(tmp_path / "j", grid=twice)
    assert rows_in(tmp_path / "j") == 16
    assert (np.diff(again.cv_results_["mean_fit_time"]) == 0).all()


def test_what_others_do_meanwhile_is_not_done(tmp_path, monkeypatch):
    from skarma._journal import SearchJournal

    slow = MLPClassifier((100,), max_iter=300, tol=0, n_iter_no_change=1000, random_state=0)
    whole = searched(tmp_path / "whole", slow)
    append, n_appended = SearchJournal.append, 0

    def first(self, fit, row):
        nonlocal n_appended
        n_appended += 1
        recorded = append(self, fit, row)
        if n_appended == 1:  # another process does all the others
            with closing(sqlite3.connect(tmp_path / "j")) as db, db:
                db.execute("ATTACH ? AS whole", (str(tmp_path / "whole"),))
                for table in ("candidates", "fits", "scores"):
                    db.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM whole.{table}")
        return recorded

    monkeypatch.setattr(SearchJournal, "append", first)
    search = searched(tmp_path / "j", slow)
    assert n_appended < 12
    expect_same(search, whole, with_times=False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_what_is_done(tmp_path, number):
    process = started(tmp_path / "j")
    wait_for_rows(tmp_path / "j", 10, process)
    process.send_signal(number)
    code, _ = ended(process)
    assert code != 0
    assert 10 <= rows_in(tmp_path / "j") < journal_search.N_FITS


def test_a_full_disk_loses_nothing(tmp_path):
    code, text = ended(started(tmp_path / "j", tmp_path / "a", 200_000))
    assert code == 1
    assert "OSError" in text
    assert "the journal cannot be written" in text
    assert "The fits that it has stay." in text
    n_kept = rows_in(tmp_path / "j")
    assert 0 < n_kept < journal_search.N_FITS
    expect_same(journal_search.search(tmp_path / "j"), journal_search.search(), with_times=False)


def test_what_is_complete_stays_after_ctrl_c(tmp_path, monkeypatch):
    from skarma._journal import SearchJournal

    append = SearchJournal.append
    rows = []

    def interrupted(self, fit, row):
        append(self, fit, row)
        rows.append(row)
        if len(rows) == 7:
            raise KeyboardInterrupt

    monkeypatch.setattr(SearchJournal, "append", interrupted)
    search = GridSearchCV(network(), GRID, cv=4, journal=tmp_path / "j")
    with warnings.catch_warnings(), pytest.raises(KeyboardInterrupt):
        warnings.simplefilter("ignore")
        search.fit(X, Y)
    assert search.cv_results_["params"] == [{"alpha": 0.1}]
    assert rows_in(tmp_path / "j") == 7
    monkeypatch.undo()
    again = searched(tmp_path / "j", return_train_score=False)
    expect_same(again, searched(return_train_score=False), with_times=False)
    assert rows_in(tmp_path / "j", "SELECT max(id) FROM fits") == 12
