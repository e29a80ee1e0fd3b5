"""Searches with a journal: the next one has the same numbers, and the program reads it."""

import json
import math
import shutil
import sqlite3
import subprocess
import warnings
from contextlib import closing
from pathlib import Path

import journal_search
import numpy as np
import pytest
from journals import GRID, X, Y, expect_same, network, rows_in, searched
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import _native
from skarma.model_selection import GridSearchCV, RandomizedSearchCV


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_results_are_those_of_a_search_without_and_of_the_next_one(tmp_path, n_jobs):
    first = searched(tmp_path / "j", n_jobs=n_jobs)
    assert first.search_path_ == "native"
    assert rows_in(tmp_path / "j") == 12
    expect_same(first, searched(), with_times=False)
    before = (tmp_path / "j").read_bytes()
    second = searched(tmp_path / "j", n_jobs=n_jobs)
    expect_same(first, second)
    assert second.cv_results_["params"] == first.cv_results_["params"]
    assert second.best_params_ == first.best_params_
    assert (second.predict(X) == first.predict(X)).all()
    assert rows_in(tmp_path / "j", "SELECT max(id) FROM fits") == 12  # nothing was written anew
    assert len(before) == (tmp_path / "j").stat().st_size


def test_a_name_that_sqlite_takes_for_no_file_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    searched(":memory:")
    assert rows_in(tmp_path / ":memory:") == 12


def test_the_view_tells_candidates_of_two_grids_apart(tmp_path):
    searched(tmp_path / "j", grid={"alpha": [1.0]})
    searched(tmp_path / "j", grid={"alpha": [2.0, 3.0]})
    assert rows_in(tmp_path / "j", "SELECT count(DISTINCT candidate) FROM results") == 3


def test_one_without_a_table_is_damaged(tmp_path):
    searched(tmp_path / "j")
    with closing(sqlite3.connect(tmp_path / "j")) as db:
        db.execute("DROP TABLE plan")
    with pytest.raises(ValueError, match="the journal is damaged .no such table: plan"):
        searched(tmp_path / "j")


def two_scores(estimator, X, y):
    return {"z": float(estimator.score(X, y)), "a": -0.0}


def test_scores_of_functions_keep_their_names_and_order(tmp_path):
    options = {"scoring": two_scores, "refit": False}
    first = searched(tmp_path / "j", **options)
    second = searched(tmp_path / "j", **options)
    assert list(first.cv_results_) == list(second.cv_results_)
    expect_same(first, second)
    assert rows_in(tmp_path / "j", "SELECT metrics FROM plan") == '["z", "a"]'
    with pytest.raises(ValueError, match="scoring is score=test_journal.two_scores"):
        searched(tmp_path / "j", scoring=lambda estimator, X, y: 0.0)


def test_several_metrics_and_a_pipeline(tmp_path):
    pipeline = make_pipeline(StandardScaler(), PCA(2, svd_solver="full"), network())
    grid = {"mlpclassifier__alpha": [0.1, 1.0], "pca__n_components": [1, 2]}
    options = {"scoring": ["accuracy", "neg_log_loss"], "refit": "accuracy"}
    first = searched(tmp_path / "j", pipeline, grid, **options)
    expect_same(first, searched(tmp_path / "j", pipeline, grid, **options))
    expect_same(first, searched(None, pipeline, grid, **options), with_times=False)
    assert rows_in(tmp_path / "j", "SELECT count(*) FROM scores") == 4 * 4 * 2 * 2


def test_a_negative_zero_stays_one(tmp_path):
    # No error at all: its negative is -0.0.
    options = {"X": np.eye(3)[Y] + 0.01 * X[:, :3], "scoring": "neg_mean_absolute_error"}
    options["estimator"] = network(max_iter=300, activation="identity")
    options["grid"] = {"alpha": [1e-4]}
    first = searched(tmp_path / "j", **options)
    assert math.copysign(1.0, first.cv_results_["split0_test_score"][0]) == -1.0
    assert first.cv_results_["split0_test_score"][0] == 0.0
    second = searched(tmp_path / "j", **options)
    expect_same(first, second)
    expect_same(searched(None, **options), second, with_times=False)


def test_warnings_of_recorded_fits_are_given_again(tmp_path):
    def count():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            GridSearchCV(network(max_iter=1), GRID, cv=4, journal=tmp_path / "j").fit(X, Y)
        return sum(issubclass(warning.category, ConvergenceWarning) for warning in caught)

    first = count()
    assert first >= 12
    assert count() == first


def test_a_random_search_goes_on_with_more_draws(tmp_path):
    draws = {"alpha": loguniform(1e-3, 1e3)}

    def search(n_iter, journal):
        options = {"n_iter": n_iter, "random_state": 0, "cv": 3, "journal": journal}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return RandomizedSearchCV(network(), draws, **options).fit(X, Y)

    search(3, tmp_path / "j")
    longer = search(5, tmp_path / "j")
    assert rows_in(tmp_path / "j") == 15
    expect_same(longer, search(5, None), with_times=False)


def test_a_failed_fit_is_kept_and_tried_again(tmp_path):
    grid = {"alpha": [0.1, 1.0], "learning_rate_init": [1e-3]}
    mlp = network(solver="sgd", max_iter=3)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = GridSearchCV(mlp, grid, cv=3, journal=tmp_path / "j", error_score=-1.0)
        search.fit(X, Y)
    with closing(sqlite3.connect(tmp_path / "j")) as db, db:
        db.execute("UPDATE fits SET error = 'MemoryError' WHERE candidate = 2")
    failed = "SELECT count(*) FROM fits WHERE error IS NOT NULL"
    assert rows_in(tmp_path / "j", failed) == 3
    again = clone(search)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        again.fit(X, Y)
    assert rows_in(tmp_path / "j", failed) == 0
    expect_same(again, search, with_times=False)


def test_a_fit_that_fails_is_a_row_with_its_error(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", ConvergenceWarning)
        search = GridSearchCV(
            network(max_iter=1), {"max_iter": [1, 3000]}, cv=3, journal=tmp_path / "j"
        ).fit(X, Y)
    assert np.isnan(search.cv_results_["mean_test_score"][0])
    query = "SELECT error FROM results WHERE json_extract(params, '$.max_iter') = 1"
    error = rows_in(tmp_path / "j", query)
    assert "ConvergenceWarning" in error
    assert rows_in(tmp_path / "j", "SELECT count(*) FROM fits WHERE error IS NOT NULL") == 3


class Notes:
    def __init__(self):
        self.notes = []

    def setup(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context, **kwargs):
        self.notes.append(("begin", context.task_name, context.task_id))

    def on_fit_task_end(self, estimator, context, **kwargs):
        self.notes.append(("end", context.task_name, context.task_id))

    def teardown(self, estimator, context):
        pass


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_callbacks_of_a_search_that_goes_on_see_each_fit_begin_and_end(tmp_path, n_jobs):
    pytest.importorskip("sklearn.callback")
    searched(tmp_path / "j", grid={"alpha": [1.0]}, cv=2)
    search = GridSearchCV(
        network(),
        {"alpha": [0.1, 1.0, 10.0]},
        cv=2,
        journal=tmp_path / "j",
        n_jobs=n_jobs,
        return_train_score=True,
    )
    callback = Notes()
    search.set_callbacks(callback)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search.fit(X, Y)
    assert search.search_path_ == "native"
    of_fits = [note for note in callback.notes if note[1] == "candidate-split-evaluation"]
    began = [number for what, _, number in of_fits if what == "begin"]
    assert sorted(began) == list(range(6))
    assert of_fits == [
        (what, "candidate-split-evaluation", number)
        for number in began
        for what in ("begin", "end")
    ]


def test_the_module_brings_no_sqlite():
    assert b"sqlite3_open" not in Path(_native.__file__).read_bytes()


def program_or_skip():
    program = shutil.which("skarma")
    if program is None:
        pytest.skip("there is no program skarma: journals are NOT tested with it")
    return program


def schema_of(path):
    """The tables and views, and what says that the file is a journal."""
    with closing(sqlite3.connect(path)) as db:
        parts = [
            " ".join(sql.split())
            for (sql,) in db.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
            )
        ]
        marks = [
            db.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
        ]
    return parts, marks


def test_the_program_has_the_same_tables(tmp_path):
    searched(tmp_path / "python")
    command = "grid-search --dataset iris --seed 1 --max-iter 2 --grid alpha=0.1 -q --journal"
    subprocess.run([program_or_skip(), *command.split(), tmp_path / "program"], check=True)
    assert schema_of(tmp_path / "python") == schema_of(tmp_path / "program")


def test_the_program_reads_it_and_does_not_go_on_with_it(tmp_path):
    program = program_or_skip()
    search = searched(tmp_path / "j")
    export = [program, "journal", "export", tmp_path / "j", "--output", tmp_path / "r.json"]
    subprocess.run(export, check=True)
    columns = json.loads((tmp_path / "r.json").read_text())
    assert columns["params"] == search.cv_results_["params"]
    for name, values in journal_search.numbers(search.cv_results_).items():
        assert columns[name] == values, name
    command = "grid-search --dataset iris --seed 1 --grid alpha=0.1,1 --cv 4 --journal"
    done = subprocess.run([program, *command.split(), tmp_path / "j"], capture_output=True)
    assert done.returncode == 1
    assert b"writer is skarma for Python there, and libskarma here" in done.stderr
