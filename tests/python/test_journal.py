"""Searches with a journal: they go on after whatever ended them, with the same numbers."""

import json
import math
import os
import random
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import warnings
from contextlib import closing
from functools import partial
from pathlib import Path

import journal_search
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import loguniform
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skarma import MLPClassifier, _native
from skarma.model_selection import GridSearchCV, RandomizedSearchCV

X, Y = load_iris(return_X_y=True)
GRID = {"alpha": [0.1, 1.0, 100.0]}
SEARCH = Path(__file__).with_name("journal_search.py")


def network(**parameters):
    parameters = {"solver": "lbfgs", "random_state": 1, "max_iter": 10} | parameters
    return MLPClassifier((4,), **parameters)


def searched(journal=None, estimator=None, grid=GRID, X=X, y=Y, fit=None, **options):
    options = {"cv": 4, "return_train_score": True} | options
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = GridSearchCV(estimator or network(), grid, journal=journal, **options)
        return search.fit(X, y, **(fit or {}))


def rows_in(path, query="SELECT count(*) FROM fits"):
    if not Path(path).exists():
        return 0
    with closing(sqlite3.connect(path, timeout=30)) as db:
        try:
            return db.execute(query).fetchone()[0]
        except sqlite3.OperationalError:  # it has no tables yet
            return 0


def expect_same(a, b, with_times=True):
    """Bit for bit, but NaN."""
    a, b = (journal_search.numbers(search.cv_results_, with_times) for search in (a, b))
    assert a.keys() == b.keys()
    for name, values in a.items():
        for left, right in zip(values, b[name], strict=True):
            both_nan = math.isnan(left) and math.isnan(right)
            assert both_nan or struct.pack("d", left) == struct.pack("d", right), name


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


# ---- what tells one value from another -------------------------------------------------------


class Times:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, X):
        return X * self.factor


def times(factor):
    return lambda X: X * factor


def multiplied(X, factor=2.0):
    return X * factor


APART = {
    "estimators": ("pre", [StandardScaler(), StandardScaler(with_mean=False, with_std=False)]),
    "networks": ("net", [network(), network(alpha=10.0, max_iter=3)]),
    "nested": ("pre", [FunctionTransformer(np.negative), FunctionTransformer(np.square)]),
    "ufuncs": ("pre__func", [np.negative, np.square]),
    "lambdas": ("pre__func", [lambda X: X, lambda X: X * 0]),
    "names": ("pre__func", [lambda X: X.cumsum(0), lambda X: X.cumprod(0)]),
    "closures": ("pre__func", [times(1), times(-1)]),
    "partials": ("pre__func", [partial(multiplied, factor=k) for k in (1, -1)]),
    "objects": ("pre__func", [Times(1), Times(-1)]),
    "dicts": ("pre__kw_args", [{"factor": 1}, {"factor": -1}]),
    "frozen": ("pre", [FrozenEstimator(StandardScaler().fit(X * k)) for k in (1, 100)]),
}


def piped(first=None):
    first = FunctionTransformer(multiplied) if first is None else first
    return Pipeline([("pre", first), ("net", network())])


@pytest.mark.parametrize("name", APART)
def test_candidates_that_differ_inside_a_value_have_their_own_fits(tmp_path, name):
    parameter, values = APART[name]
    grid = {parameter: values}
    first = searched(tmp_path / "j", piped(), grid)
    expect_same(first, searched(None, piped(), grid), with_times=False)
    assert rows_in(tmp_path / "j", "SELECT count(DISTINCT digest) FROM candidates") == 2
    expect_same(first, searched(tmp_path / "j", piped(), grid))
    assert rows_in(tmp_path / "j", "SELECT max(id) FROM fits") == 8


@pytest.mark.parametrize("name", APART)
def test_a_search_over_another_value_is_another_one(tmp_path, name):
    parameter, (a, b) = APART[name]
    grid = {"net__max_iter": [5]}
    searched(tmp_path / "j", piped().set_params(**{parameter: a}), grid)
    searched(tmp_path / "j", piped().set_params(**{parameter: a}), grid)
    assert rows_in(tmp_path / "j", "SELECT max(id) FROM fits") == 4
    with pytest.raises(ValueError, match="is of another search: (pre|net)(__| is)"):
        searched(tmp_path / "j", piped().set_params(**{parameter: b}), grid)


TEXTS = """
from functools import partial
from sklearn.base import clone
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import make_scorer, fbeta_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import *
from skarma._journal_texts import text_of
import numpy as np, re
class Thing:
    def __init__(self): self.names, self.f = {"a", "b", "c", "dd"}, lambda X: X in {"x", "y", "z"}
def inner(k): return lambda X, *, a={"q", "r"}: [X * k for _ in a]
scaler = StandardScaler().fit(np.eye(3))
for value in (
    Thing(), inner(2), partial(inner(3), a=Thing()), FrozenEstimator(scaler), np.mean, len,
    make_pipeline(SelectKBest(), scaler, PowerTransformer()), make_scorer(fbeta_score, beta=2),
    re.compile("a"), Thing().f, [1, (2.5, None)], np.array(["a", None], object), "a".join, np,
    SelectKBest().set_output(transform="pandas"), slice(1, 2), scaler.transform, "\\udc80",
):
    print(text_of(value))
"""


def test_each_process_writes_the_same():
    def texts(seed):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", TEXTS]
        return subprocess.run(command, env=environment, check=True, capture_output=True).stdout

    first = texts("1")
    assert first.count(b"\n") == len(set(first.splitlines())) == 18
    assert b"0x" not in first
    assert [texts(seed) for seed in ("2", "3")] == [first, first]


def score_by(estimator, X, y, power=1.0):
    return float(estimator.score(X, y)) ** power


class ScoreBy:
    def __init__(self, power):
        self.power = power

    def __call__(self, estimator, X, y):
        return score_by(estimator, X, y, self.power)


def powered(y, prediction, power):
    return accuracy_score(y, prediction) ** power


@pytest.mark.parametrize(
    "make",
    [
        lambda power: partial(score_by, power=power),
        ScoreBy,
        lambda power: lambda estimator, X, y: score_by(estimator, X, y, power),
        lambda power: make_scorer(powered, power=power),
        lambda power: {"a": partial(score_by, power=power), "b": "accuracy"},
    ],
)
def test_scorers_of_any_kind_are_known_again(tmp_path, make):
    options = {"refit": False}
    first = searched(tmp_path / "j", scoring=make(2.0), **options)
    expect_same(first, searched(tmp_path / "j", scoring=make(2.0), **options))
    assert rows_in(tmp_path / "j", "SELECT max(id) FROM fits") == 12
    with pytest.raises(ValueError, match="is of another search: scoring is"):
        searched(tmp_path / "j", scoring=make(3.0), **options)


@pytest.mark.parametrize(
    "value",
    [
        (lambda lock: lambda X: X if lock else X)(threading.Lock()),
        np.frompyfunc(abs, 1, 1),
    ],
)
def test_what_no_process_knows_again_is_refused(tmp_path, value):
    with pytest.raises(ValueError, match="A search with a journal cannot know .* again in another"):
        searched(tmp_path / "j", piped(), {"pre__func": [value]})
    with pytest.raises(ValueError, match="A search with a journal cannot know .* again in another"):
        searched(tmp_path / "j", piped(FunctionTransformer(value)), {"net__alpha": [1.0]})
    with pytest.raises(ValueError, match="A search with a journal cannot know .* again in another"):
        searched(tmp_path / "j", scoring=lambda estimator, X, y: float(bool(value)))
    assert not (tmp_path / "j").exists()


def test_candidates_that_cannot_be_told_apart_are_refused(tmp_path):
    def local(factor):
        class Local(TransformerMixin, BaseEstimator):
            def fit(self, X, y=None):
                return self

            def transform(self, X):
                return X * factor

        return Local()

    with pytest.raises(ValueError, match="cannot tell its candidates 0 and 1 apart"):
        searched(tmp_path / "j", piped(), {"pre": [local(1), local(-1)]})
    assert not (tmp_path / "j").exists()
    same = local(1)
    searched(tmp_path / "j", piped(), {"pre": [same, same], "net__alpha": [1, np.int64(1)]})
    assert rows_in(tmp_path / "j") == 4


# ---- what ends a search ----------------------------------------------------------------------


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


# ---- what is refused -------------------------------------------------------------------------

other_x = X.copy()
other_x[-1, -1] = np.nextafter(other_x[-1, -1], 9.0)
other_y = Y.copy()
other_y[[0, 60]] = other_y[[60, 0]]

REFUSED = {
    "data": ({"X": other_x}, "is of other data."),
    "sparse": ({"X": csr_matrix(X)}, "is of other data."),
    "float32": ({"X": X.astype(np.float32)}, "is of other data."),
    "targets": ({"y": other_y}, "is of other targets."),
    "weights": ({"fit": {"sample_weight": np.ones(150)}}, "is of other fit parameters."),
    "folds": ({"cv": 5}, "is of other folds."),
    "shuffled": ({"cv": KFold(4, shuffle=True, random_state=0)}, "is of other folds."),
    "seed": (
        {"estimator": network(random_state=2)},
        "is of another search: random_state is 1 there, and 2 here.",
    ),
    "parameter": (
        {"estimator": network(max_iter=11)},
        "is of another search: max_iter is 10 there, and 11 here.",
    ),
    "initial": (
        {"estimator": network(coefs_init=[np.zeros((4, 4)), np.zeros((4, 3))])},
        "is of another search: coefs_init is null there, and",
    ),
    "scoring": ({"scoring": "f1_macro"}, "is of another search: scoring is score=score"),
    "error_score": ({"error_score": 0.0}, "is of another search: scoring is score=score"),
    "train": ({"return_train_score": False}, "is of another search: scoring is score=score"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_journal_of_another_search_is_refused_by_what_differs(tmp_path, name):
    searched(tmp_path / "j")
    options, text = REFUSED[name]
    with pytest.raises(ValueError) as error:
        searched(tmp_path / "j", **options)
    assert f"The journal {str(tmp_path / 'j')!r} {text}" in str(error.value)
    assert rows_in(tmp_path / "j") == 12


def test_what_changes_no_number_may_differ(tmp_path):
    searched(tmp_path / "j")
    fortran = np.asfortranarray(X)
    wide = np.hstack([X, X])[:, :4]
    for options in (
        {"estimator": network(n_threads=2, verbose=False)},
        {"X": fortran},
        {"X": wide},
        {"n_jobs": 2},
        {"grid": {"alpha": [100.0, np.float64(0.1), 1.0]}},
    ):
        searched(tmp_path / "j", **options)
        assert rows_in(tmp_path / "j", "SELECT max(id) FROM fits") == 12
    for max_iter in (10, np.int64(10)):
        searched(tmp_path / "of_numbers", grid={"max_iter": [max_iter]})
    assert rows_in(tmp_path / "of_numbers", "SELECT max(id) FROM fits") == 4


def test_a_frame_is_known_by_its_values_and_names(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abcd"))
    searched(tmp_path / "j", X=frame)
    searched(tmp_path / "j", X=pandas.concat([frame[["a", "b"]], frame[["c", "d"]]], axis=1))
    assert rows_in(tmp_path / "j", "SELECT max(id) FROM fits") == 12
    with pytest.raises(ValueError, match="other data"):
        searched(tmp_path / "j", X=frame.rename(columns={"a": "e"}))


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"estimator": network(random_state=None)}, "random_state"),
        ({"estimator": network(random_state=np.random.RandomState(0))}, "random_state"),
        ({"grid": {"random_state": [1, None]}}, "random_state"),
        (
            {
                "estimator": make_pipeline(StandardScaler(), network(random_state=None)),
                "grid": {"mlpclassifier__alpha": [1.0]},
            },
            "mlpclassifier__random_state",
        ),
    ],
)
def test_a_seed_of_none_is_refused(tmp_path, options, name):
    with pytest.raises(ValueError, match=f"a whole number as '{name}'"):
        searched(tmp_path / "j", **options)
    assert not (tmp_path / "j").exists()


def test_solvers_of_pca_that_draw_need_a_seed():
    from skarma._journal_parts import require_seeds

    for solver in ("full", "covariance_eigh"):
        require_seeds(make_pipeline(PCA(2, svd_solver=solver), network()), [{}])
    for solver in ("arpack", "randomized", "auto"):
        drawing = PCA(2, svd_solver=solver)
        with pytest.raises(ValueError, match="a whole number as 'pca__random_state'"):
            require_seeds(make_pipeline(drawing, network()), [{}])
        drawing.set_params(random_state=3)
        require_seeds(make_pipeline(drawing, network()), [{}])


def test_seeds_of_the_grid_will_do(tmp_path):
    searched(tmp_path / "j", network(random_state=None), {"random_state": [1, 2]})
    assert rows_in(tmp_path / "j") == 8


@pytest.mark.parametrize("cv", [KFold(3, shuffle=True), ShuffleSplit(2)])
def test_folds_that_change_are_refused(tmp_path, cv):
    with pytest.raises(ValueError, match="the same folds each time"):
        searched(tmp_path / "j", cv=cv)
    assert not (tmp_path / "j").exists()


@pytest.mark.parametrize("seed", [None, np.random.RandomState(0)])
def test_draws_that_change_are_refused(tmp_path, seed):
    draws = {"alpha": loguniform(1e-3, 1e3)}
    search = RandomizedSearchCV(network(), draws, random_state=seed, journal=tmp_path / "j")
    with pytest.raises(ValueError, match="a whole number as 'random_state' of the search"):
        search.fit(X, Y)
    assert not (tmp_path / "j").exists()


def test_scikit_learns_path_is_refused(tmp_path):
    splits = iter(list(KFold(3).split(X)))
    with pytest.raises(ValueError, match="A journal needs a native search; .* iterator"):
        searched(tmp_path / "j", cv=splits)
    assert not (tmp_path / "j").exists()


def test_what_is_no_file_name_is_refused():
    with pytest.raises(ValueError, match="The 'journal' parameter of GridSearchCV must be"):
        searched(3)


def test_what_is_no_journal_stays_as_it_is(tmp_path):
    text = tmp_path / "text"
    text.write_text("x" * 5000)
    with pytest.raises(ValueError, match="text: is not a journal of skarma"):
        searched(text)
    assert text.read_text() == "x" * 5000
    with closing(sqlite3.connect(tmp_path / "other")) as db, db:
        db.execute("CREATE TABLE t (a)")
    before = (tmp_path / "other").read_bytes()
    with pytest.raises(ValueError, match="an SQLite file, and no journal"):
        searched(tmp_path / "other")
    assert (tmp_path / "other").read_bytes() == before
    with pytest.raises(ValueError, match="is not a regular file"):
        searched(tmp_path)
    with pytest.raises(OSError, match="cannot be opened"):
        searched(tmp_path / "none" / "j")


def test_a_newer_or_damaged_one_is_refused(tmp_path):
    searched(tmp_path / "j")
    whole = (tmp_path / "j").read_bytes()
    with closing(sqlite3.connect(tmp_path / "j")) as db, db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(ValueError, match="newer skarma"):
        searched(tmp_path / "j")
    (tmp_path / "j").write_bytes(whole[:4096] + b"x" * (len(whole) - 4096))
    with pytest.raises(ValueError, match="the journal is damaged"):
        searched(tmp_path / "j")


# ---- beside the program, and the module ------------------------------------------------------


def test_the_module_brings_no_sqlite():
    assert b"sqlite3_open" not in Path(_native.__file__).read_bytes()


def test_the_program_reads_it_and_does_not_go_on_with_it(tmp_path):
    import shutil

    program = shutil.which("skarma")
    if program is None:
        pytest.skip("there is no program skarma: journals are NOT tested with it")
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
