"""What is no journal of this search, or of any, is refused and stays as it is."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from journals import X, Y, network, rows_in, searched
from scipy.sparse import csr_matrix
from scipy.stats import loguniform
from sklearn.decomposition import PCA
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma.model_selection import RandomizedSearchCV

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
