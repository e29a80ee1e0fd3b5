"""Networks behind any transformers: one fit of these a fold, and scikit-learn's results."""

import functools
import os
import pickle
import random
import signal
import sqlite3
import warnings
from contextlib import closing

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.model_selection as reference
import sklearn.neural_network
from ctrl_c import ctrl_c_after
from same_search import assert_same_search, small
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.exceptions import FitFailedWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, VarianceThreshold, f_classif
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import ShuffleSplit
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.utils.fixes import parse_version

import skarma
from skarma import _prefix_job, model_selection
from skarma._prefix_keys import key_of
from skarma.model_selection import GridSearchCV, NotNativeError

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:One or more of the:UserWarning"),
]

DRAWN = np.random.RandomState(0)
N = 120
FRAME = pd.DataFrame(
    {
        "age": DRAWN.normal(40, 12, N),
        "income": DRAWN.lognormal(10, 1, N),
        "town": DRAWN.choice(["north", "south", "west"], N),
        "job": DRAWN.choice(["smith", "baker"], N),
    }
)
LABELS = np.where((FRAME.age > 40) ^ (FRAME.town == "west"), "yes", "no")
X = np.ascontiguousarray(DRAWN.normal(size=(N, 4)))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
NUMBERS = X @ [1.0, -2.0, 0.5, 0.0]
WORDS = np.array("red green blue cat dog horse runs sleeps eats under over the a".split())
TEXTS = [" ".join(DRAWN.choice(WORDS, 8)) for _ in range(N)]
ON_TEXTS = np.array([int("cat" in text) + int("dog" in text) for text in TEXTS])


def columns(**options):
    return ColumnTransformer(
        [
            ("scale", StandardScaler(), ["age", "income"]),
            ("code", OneHotEncoder(handle_unknown="ignore"), ["town", "job"]),
        ],
        **options,
    )


class Centred(TransformerMixin, BaseEstimator):
    """A transformer as users write them, that counts its fits."""

    n_fits = 0

    def __init__(self, shift=0.0, refuses=None):
        self.shift = shift
        self.refuses = refuses

    def fit(self, X, y=None):
        Centred.n_fits += 1
        if self.refuses == "fit":
            raise OSError("no fit today")
        self.mean_ = np.mean(X, axis=0) + self.shift
        return self

    def transform(self, X):
        if self.refuses == "transform" and len(X) < N / 2:
            raise OSError("no transformation today")
        return np.asarray(X) - self.mean_


class Drawing(Centred):
    """One that draws from NumPy's global generator in each fit, if it is to."""

    def __init__(self, draws=True):
        self.draws = draws

    def fit(self, X, y=None):
        self.mean_ = np.random.random() if self.draws else 0.0
        return self

    def transform(self, X):
        return X - self.mean_


class Warning_(Centred):
    """One that warns in each fit, or each transformation of a test part."""

    def __init__(self, of="fit"):
        self.of = of

    def fit(self, X, y=None):
        if self.of == "fit":
            warnings.warn("this fit is odd", RuntimeWarning, stacklevel=1)
        self.mean_ = np.mean(X, axis=0)
        return self

    def transform(self, X):
        if self.of == "transform" and len(X) < N / 2:
            warnings.warn("this part is odd", RuntimeWarning, stacklevel=1)
        return X - self.mean_


@pytest.fixture
def fits():
    """How often a Centred has been fitted since."""
    Centred.n_fits = 0
    return lambda: Centred.n_fits


def behind(*steps, **options):
    """Makes a pipeline of copies of these steps before a network of a module."""
    return lambda module: make_pipeline(*steps, small(module), **options)


# What is searched: transformers, a grid, the data.
PIPELINES = {
    "columns, sparse": (
        behind(columns(sparse_threshold=1.0)),
        {"columntransformer__scale__with_mean": [True, False], "mlpclassifier__alpha": [0.1, 9.0]},
        (FRAME, LABELS),
    ),
    "columns, dense": (
        behind(columns(sparse_threshold=0)),
        {"columntransformer__code__drop": [None, "first"], "mlpclassifier__alpha": [0.1, 9.0]},
        (FRAME, LABELS),
    ),
    "columns of lists": (
        behind(ColumnTransformer([("a", StandardScaler(), [0, 2])], remainder="passthrough")),
        {"mlpclassifier__hidden_layer_sizes": [(3,), (4, 2)]},
        (X.tolist(), LABELS.tolist()),
    ),
    "texts": (
        behind(TfidfVectorizer()),
        {"tfidfvectorizer__ngram_range": [(1, 1), (1, 2)], "mlpclassifier__alpha": [0.1, 9.0]},
        (TEXTS, ON_TEXTS),
    ),
    "best features": (
        behind(StandardScaler(), SelectKBest(f_classif)),
        {"selectkbest__k": [1, 3], "standardscaler__with_std": [False, True]},
        (X, Y),
    ),
    "polynomials": (
        behind(PolynomialFeatures(), StandardScaler()),
        {"polynomialfeatures__degree": [1, 2], "mlpclassifier__alpha": [0.1, 9.0]},
        (X, Y),
    ),
    "a class of one's own": (
        behind(Centred()),
        {"centred__shift": [0.0, np.float64(2.0)], "mlpclassifier__alpha": [0.1, 9.0]},
        (X, Y),
    ),
    "a union": (
        behind(FeatureUnion([("pca", PCA(2)), ("best", SelectKBest(k=2))])),
        {"featureunion__transformer_weights": [None, {"pca": 10.0}]},
        (X, Y),
    ),
    "a pipeline first": (
        behind(make_pipeline(SimpleImputer(), QuantileTransformer(n_quantiles=20, random_state=0))),
        {
            "pipeline__quantiletransformer__n_quantiles": [10, 20],
            "pipeline__simpleimputer": [SimpleImputer(), SimpleImputer(strategy="median")],
        },
        (np.where(X > 1.5, np.nan, X), Y),
    ),
    "a pipeline last": (
        lambda module: make_pipeline(
            PolynomialFeatures(2), make_pipeline(StandardScaler(), small(module))
        ),
        {"pipeline__mlpclassifier__alpha": [0.1, 9.0], "polynomialfeatures": [None]},
        (X, Y),
    ),
    "a generator": (
        behind(TruncatedSVD(2, random_state=np.random.RandomState(3))),
        {"mlpclassifier__alpha": [0.1, 9.0], "truncatedsvd__n_components": [2, 3]},
        (X, Y),
    ),
    "steps that are swapped": (
        behind(StandardScaler()),
        {
            "standardscaler": [StandardScaler(), MinMaxScaler(), "passthrough", None],
            "mlpclassifier__alpha": [0.1, 9.0],
        },
        (X, Y),
    ),
    "functions without a pickle": (
        behind(FunctionTransformer(lambda X: X - 1.0)),
        {"functiontransformer__func": [lambda X: X, np.tanh], "mlpclassifier__alpha": [0.1, 9.0]},
        (X, Y),
    ),
    "functions": (
        behind(FunctionTransformer()),
        {
            "functiontransformer__func": [None, np.tanh, np.abs],
            "functiontransformer__kw_args": [None, {}],
        },
        (X, Y),
    ),
    "another fit than transformation": (
        behind(TargetEncoder(random_state=0, cv=2), StandardScaler()),
        {"mlpclassifier__alpha": [0.1, 9.0]},
        (FRAME[["town", "job"]].to_numpy(), LABELS),
    ),
    "frames for the network": (
        lambda module: (
            behind(columns())(module)
            .set_params(columntransformer__code__sparse_output=False)
            .set_output(transform="pandas")
        ),
        {"mlpclassifier__alpha": [0.1, 9.0]},
        (FRAME, LABELS),
    ),
    "float32": (
        behind(FunctionTransformer(np.float32)),
        {"mlpclassifier__alpha": [0.1, 9.0]},
        (X, Y),
    ),
    "sparse": (
        behind(VarianceThreshold(0.05)),
        {"variancethreshold__threshold": [0.0, 0.05]},
        (scipy.sparse.csc_array(np.where(X > 0.8, X, 0.0)), Y),
    ),
}


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.parametrize(
    "options",
    [
        {"cv": 3},
        {"n_jobs": 2, "return_train_score": True, "scoring": ["accuracy", "f1_macro"]},
    ],
    ids=["plain", "everything"],
)
def test_a_search_behind_transformers_is_scikit_learns(name, options):
    make, grid, data = PIPELINES[name]
    refit = "accuracy" if "scoring" in options else True
    assert_same_search(make, grid, data, refit=refit, **options)


@pytest.mark.parametrize("name", ["columns, sparse", "texts", "another fit than transformation"])
def test_folds_that_are_stacked_a_few_at_a_time(name, monkeypatch):
    make, grid, data = PIPELINES[name]
    sizes = []
    own = _prefix_job.PrefixedJob._stacked

    def counted(job, chunk):
        sizes.append(sum(fitted.n_bytes for fitted in chunk))
        return own(job, chunk)

    monkeypatch.setattr(_prefix_job.PrefixedJob, "_stacked", counted)
    whole = assert_same_search(make, grid, data, cv=4)
    n_whole, largest = len(sizes), max(sizes)
    most = int(largest * 0.6)
    monkeypatch.setattr(_prefix_job, "MOST_BYTES", most)
    sizes.clear()
    parts = assert_same_search(make, grid, data, cv=4)
    assert len(sizes) > n_whole and max(sizes) <= most
    for key, values in whole.cv_results_.items():
        if "test_score" in key:
            np.testing.assert_array_equal(values, parts.cv_results_[key])


def test_folds_that_differ_in_their_columns():
    rare = FRAME.assign(town=["only here", *FRAME.town[1:]])
    search = assert_same_search(behind(columns()), {}, (rare, LABELS), cv=5, n_jobs=2)
    assert search.n_splits_ == 5


def test_a_regression_with_weights_and_train_scores():
    assert_same_search(
        lambda module: Pipeline(
            [("wide", PolynomialFeatures()), ("net", small(module, "MLPRegressor"))]
        ),
        {"wide__degree": [1, 2], "net__alpha": [0.1, 1.0]},
        (X, NUMBERS),
        {"net__sample_weight": np.linspace(0.5, 2.0, N)},
        scoring={"r2": "r2", "mae": "neg_mean_absolute_error"},
        refit="mae",
        return_train_score=True,
        cv=ShuffleSplit(3, test_size=0.3, random_state=1),
        n_jobs=2,
    )


def test_networks_that_are_swapped():
    def grid(module):
        return {
            "mlpclassifier": [small(module), small(module, solver="lbfgs", activation="tanh")],
            "mlpclassifier__alpha": [0.1, 9.0],
            "polynomialfeatures__degree": [1, 2],
        }

    ours, theirs = (
        package.GridSearchCV(behind(PolynomialFeatures())(module), grid(module), cv=3).fit(X, Y)
        for module, package in ((skarma, model_selection), (sklearn.neural_network, reference))
    )
    assert ours.search_path_ == "native"
    for fold in range(3):
        key = f"split{fold}_test_score"
        np.testing.assert_allclose(ours.cv_results_[key], theirs.cv_results_[key], rtol=1e-9)
    assert len(set(ours.cv_results_["mean_test_score"])) > 4


def test_each_prefix_is_fitted_once_for_each_fold(fits):
    grid = {
        "centred__shift": [0.0, 1.0, 0.0],  # two that are the same
        "centred": [Centred(), Centred()],
        "mlpclassifier__alpha": [0.1, 1.0, 9.0],
    }
    search = GridSearchCV(behind(Centred())(skarma), grid, cv=4, n_jobs=2).fit(X, Y)
    assert search.search_path_ == "native" and len(search.cv_results_["params"]) == 18
    assert fits() == 2 * 4 + 1  # and one for the refit
    # Of a list of grids, one sets what is the value anyway, one leaves a step out in two ways.
    grids = [
        {"centred__shift": [0.0]},
        {"mlpclassifier__alpha": [0.1, 9.0]},
        {"functiontransformer": [None, "passthrough", FunctionTransformer()]},
    ]
    Centred.n_fits = 0
    pipeline = make_pipeline(Centred(), FunctionTransformer(), small(skarma))
    GridSearchCV(pipeline, grids, cv=4, refit=False).fit(X, Y)
    assert fits() == 2 * 4


def test_a_journal_leaves_out_what_is_done(fits, tmp_path):
    grid = {"centred__shift": [0.0, 1.0], "mlpclassifier__alpha": [0.1, 9.0]}
    pipeline = behind(Centred())(skarma)
    search = GridSearchCV(pipeline, grid, cv=3, journal=tmp_path / "j", refit=False).fit(X, Y)
    assert fits() == 2 * 3
    with closing(sqlite3.connect(tmp_path / "j")) as db, db:
        # Of the second prefix one candidate in a fold; the first is looked at in any case.
        gone = "candidate = 3 + (SELECT min(candidate) FROM fits) AND fold = 1"
        assert db.execute(f"DELETE FROM fits WHERE {gone}").rowcount == 1
        db.execute(f"DELETE FROM scores WHERE {gone}")
    Centred.n_fits = 0
    again = clone(search).fit(X, Y)
    assert fits() == 1 + 1
    for key, expected in search.cv_results_.items():
        if "time" not in key:
            np.testing.assert_array_equal(again.cv_results_[key], expected)
    times = "SELECT fit_time FROM fits"
    with closing(sqlite3.connect(tmp_path / "j")) as db:
        kept = {time for (time,) in db.execute(times)}
    assert len(kept) == 12


def test_a_value_without_a_pickle_is_shared_by_the_candidates_that_have_it(fits):
    grid = {  # which clones copy
        "functiontransformer__func": [functools.partial(lambda X, by: X * by, by=2.0)],
        "mlpclassifier__alpha": [0.1, 1.0, 9.0],
    }
    pipeline = make_pipeline(FunctionTransformer(), Centred(), small(skarma))
    search = GridSearchCV(pipeline, grid, cv=3, refit=False).fit(X, Y)
    assert search.search_path_ == "native" and fits() == 3


def test_a_fit_takes_as_long_as_its_candidate_would_alone():
    import time

    class Slow(Centred):
        def fit(self, X, y=None):
            time.sleep(0.05)
            return super().fit(X)

        def transform(self, X):
            time.sleep(0.02)
            return super().transform(X)

    search = GridSearchCV(
        behind(Slow())(skarma), {"mlpclassifier__alpha": [0.1, 1.0, 9.0]}, cv=2, refit=False
    ).fit(X, Y)
    assert (search.cv_results_["mean_fit_time"] >= 0.07).all()
    assert (search.cv_results_["mean_score_time"] >= 0.02).all()


def test_a_memory_is_used(tmp_path, fits):
    memory = joblib.Memory(tmp_path, verbose=0)
    make = behind(Centred(), memory=memory)
    grid = {"mlpclassifier__alpha": [0.1, 9.0]}
    search = GridSearchCV(make(skarma), grid, cv=3, refit=False).fit(X, Y)
    assert search.search_path_ == "native" and fits() == 3
    again = GridSearchCV(make(skarma), grid, cv=3, refit=False).fit(X, Y)
    assert again.search_path_ == "native" and fits() == 3
    # What a pipeline itself has put there is found, too.
    reference.GridSearchCV(make(sklearn.neural_network), grid, cv=4, refit=False).fit(X, Y)
    n_theirs = fits()
    GridSearchCV(make(skarma), grid, cv=4, refit=False).fit(X, Y)
    assert n_theirs == fits() == 7
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], again.cv_results_["mean_test_score"]
    )


@pytest.mark.parametrize("refuses", ["fit", "transform"])
@pytest.mark.filterwarnings("ignore:Scoring failed")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_a_prefix_that_fails_fails_the_fits_of_its_candidates(refuses, fits):
    grid = {"centred__refuses": [None, refuses], "mlpclassifier__alpha": [0.1, 9.0]}
    for scoring in ("accuracy", ["accuracy", "f1"]):
        search = assert_same_search(
            behind(Centred()),
            grid,
            (X, Y),
            error_score=-1.0,
            cv=4,
            scoring=scoring,
            refit="accuracy",
        )
        key = "split0_test_score" if scoring == "accuracy" else "split0_test_f1"
        assert (search.cv_results_[key] == -1).tolist() == [False, False, True, True]


def test_what_failing_prefixes_say():
    def told(module, package):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            package.GridSearchCV(
                behind(Centred())(module),
                {"centred__refuses": ["fit", None], "mlpclassifier__max_iter": [1, 2]},
                cv=3,
            ).fit(X, Y)
        texts = [str(w.message) for w in caught if w.category is FitFailedWarning]
        assert len(texts) == 1 and texts[0].rstrip().endswith("OSError: no fit today")
        return texts[0].split("Traceback")[0]

    ours = told(skarma, model_selection)
    assert ours == told(sklearn.neural_network, reference)
    assert "6 fits failed with the following error" in ours


def test_errors_of_prefixes_are_raised_if_asked_for():
    search = GridSearchCV(behind(Centred(refuses="fit"))(skarma), {}, error_score="raise")
    with pytest.raises(OSError, match="no fit today"):
        search.fit(X, Y)
    search = GridSearchCV(behind(Centred(refuses="fit"))(skarma), {})
    with pytest.raises(ValueError, match="All the 5 fits failed"):
        search.fit(X, Y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_samples_that_the_network_does_not_take_fail_its_fit():
    hollow = np.where(X > 1.0, np.nan, X)
    grid = {"simpleimputer": [SimpleImputer(), "passthrough"], "mlpclassifier__alpha": [0.1, 9.0]}
    search = assert_same_search(behind(SimpleImputer()), grid, (hollow, Y), cv=3)
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [False, True, False, True]
    with pytest.raises(ValueError, match="MLPClassifier does not accept missing values"):
        GridSearchCV(behind(FunctionTransformer())(skarma), {}, error_score="raise").fit(hollow, Y)


class Halving(Centred):
    """One that drops every other sample of a part that is large enough, or of any."""

    def __init__(self, least=0):
        self.least = least

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X[::2] if len(X) >= self.least and (self.least == 0 or len(X) < N / 2) else X


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:Scoring failed")
def test_transformers_that_lose_samples_are_refused_as_in_scikit_learn():
    grid = {"halving__least": [0, 20, N]}  # in fits, in parts to be scored, never
    search = assert_same_search(behind(Halving()), grid, (X, Y), cv=3, error_score=-1.0)
    assert (search.cv_results_["mean_test_score"] == -1).tolist() == [True, True, False]


def test_samples_that_are_changed_in_place():
    class InPlace(Centred):
        def fit(self, X, y=None):
            return self

        def transform(self, X):
            X += 1.0
            return X

    kept = X.copy()
    assert_same_search(behind(InPlace()), {"mlpclassifier__alpha": [0.1, 9.0]}, (X, Y), refit=False)
    options = {"refit": False, "cv": 3}
    plain = GridSearchCV(behind(InPlace())(skarma), {}, **options).fit(X, Y)
    options |= {"return_train_score": True}
    search = GridSearchCV(behind(InPlace())(skarma), {}, **options).fit(X, Y)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
    )
    np.testing.assert_array_equal(X, kept)


@pytest.mark.parametrize("of", ["fit", "transform"])
@pytest.mark.parametrize("action", ["always", "default", "error", "ignore", "once"])
def test_transformers_warn_as_in_each_fit(of, action):
    def told(module, package):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("ignore")
            warnings.filterwarnings(action, "this .* is odd", RuntimeWarning, __name__)
            search = package.GridSearchCV(
                behind(Warning_(of))(module),
                {"mlpclassifier__alpha": [0.1, 9.0]},
                cv=3,
                error_score=-1.0,
                refit=False,
            )
            try:
                search.fit(X, Y)
            except ValueError as error:
                return str(error)[:20]
        rows = [(str(w.message), w.category, w.filename, w.lineno) for w in caught]
        return rows, search.cv_results_["mean_test_score"].tolist(), len(rows)

    ours, theirs = told(skarma, model_selection), told(sklearn.neural_network, reference)
    assert ours[0] == theirs[0]
    if isinstance(ours, tuple):
        assert ours[1] == pytest.approx(theirs[1], rel=1e-9)
        n_said = {"always": 6, "default": 6, "once": 6}.get(action, 0)
        assert ours[2] == n_said


def test_a_transformer_that_draws_from_the_global_generator_is_scikit_learns():
    for draws in ([True], [False, True]):  # from the first prefix on, or a later one
        results = []
        for module, package in ((skarma, model_selection), (sklearn.neural_network, reference)):
            np.random.seed(5)
            cv = ShuffleSplit(3, random_state=np.random.RandomState(2))
            search = package.GridSearchCV(
                behind(Drawing())(module), {"drawing__draws": draws}, cv=cv
            ).fit(X, Y)
            results.append((search, np.random.random()))
        (ours, draw), (theirs, next_draw) = results
        assert ours.search_path_.startswith("a transformer draws from NumPy's generator")
        assert ours.fallback_reason_ == "transformer"
        assert draw == next_draw
        for fold in range(3):
            key = f"split{fold}_test_score"
            np.testing.assert_allclose(ours.cv_results_[key], theirs.cv_results_[key], rtol=1e-9)
    assert GridSearchCV(behind(Drawing(False))(skarma), {}).fit(X, Y).search_path_ == "native"


@pytest.mark.parametrize(
    ("grid", "path"),
    [
        ({"mlpclassifier__alpha": [0.1, 9.0]}, "native"),
        ({"a__shift": [0.0, 1.0], "mlpclassifier__alpha": [0.1, 9.0]}, "native"),
        ({"z__shift": [0.0, 1.0], "mlpclassifier__alpha": [0.1, 9.0]}, "networks draw from"),
    ],
)
def test_networks_without_a_random_state_draw_in_scikit_learns_order(grid, path):
    results = []
    for module, package in ((skarma, model_selection), (sklearn.neural_network, reference)):
        pipeline = Pipeline(
            [
                ("a", Centred()),
                ("z", Centred()),
                ("mlpclassifier", small(module, random_state=None)),
            ]
        )
        np.random.seed(5)
        search = package.GridSearchCV(pipeline, grid, cv=3, refit=False).fit(X, Y)
        results.append((search, np.random.random()))
    (ours, draw), (theirs, next_draw) = results
    assert ours.search_path_.startswith(path)
    assert draw == next_draw
    np.testing.assert_allclose(
        ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"], rtol=1e-9
    )


def test_networks_that_draw_fold_by_fold_are_scikit_learns(monkeypatch):
    monkeypatch.setattr(_prefix_job, "MOST_BYTES", 1)
    pipeline = make_pipeline(Centred(), small(skarma, random_state=None))
    for alphas, path in (([0.1], "native"), ([0.1, 9.0], "networks draw from")):
        np.random.seed(5)
        search = GridSearchCV(pipeline, {"mlpclassifier__alpha": alphas}, cv=3).fit(X, Y)
        assert search.search_path_.startswith(path)


def test_rare_folds_are_scored_by_scikit_learn():
    # A label that a test part has not: roc_auc_ovr is scikit-learn's to refuse, fold by fold.
    three = np.zeros(N, dtype=int)
    three[: N // 2], three[:3] = 1, 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same_search(
            behind(PolynomialFeatures()),
            {"polynomialfeatures__degree": [1, 2], "mlpclassifier__alpha": [0.1, 9.0]},
            (X, three),
            scoring=["roc_auc_ovr", "accuracy"],
            refit="accuracy",
            cv=ShuffleSplit(4, test_size=0.1, random_state=0),
            return_train_score=True,
        )


def test_a_generator_that_cv_has_too_is_copied_before_cv_draws():
    results = []
    for module, package in ((skarma, model_selection), (sklearn.neural_network, reference)):
        shared = np.random.RandomState(4)
        search = package.GridSearchCV(
            behind(TruncatedSVD(2, random_state=shared, n_iter=1))(module),
            {"mlpclassifier__alpha": [0.1, 9.0]},
            cv=ShuffleSplit(3, random_state=shared),
        ).fit(X, Y)
        results.append((search.cv_results_["mean_test_score"], shared.random_sample()))
    (ours, draw), (theirs, next_draw) = results
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    assert draw == next_draw


def test_parameters_that_are_wrong_are_scikit_learns_to_judge():
    grid = {"mlpclassifier__alpha": [0.1, -1.0]}
    search = GridSearchCV(behind(Centred())(skarma), grid, cv=2, error_score=-1.0)
    with pytest.warns(FitFailedWarning, match="'alpha' parameter of MLPClassifier must be a float"):
        search.fit(X, Y)
    assert search.fallback_reason_ == "refused"
    assert search.cv_results_["mean_test_score"][1] == -1.0


def test_callbacks_of_transformers_are_scikit_learns(monkeypatch):
    step = Centred()
    step._skl_callbacks = [object()]
    for pipeline in (
        make_pipeline(step, small(skarma)),
        make_pipeline(make_pipeline(step), small(skarma)),
    ):
        with pytest.raises(NotNativeError, match="the estimator has callbacks"):
            GridSearchCV(pipeline, {}, native="require").fit(X, Y)


def test_a_rung_of_a_halving_search_fits_each_prefix_once(fits):
    grid = {"centred__shift": [0.0, 1.0], "mlpclassifier__alpha": [0.1, 1.0]}
    results = []
    for module, package in ((skarma, model_selection), (sklearn.neural_network, None)):
        if package is None:
            from sklearn.experimental import enable_halving_search_cv  # noqa: F401

            package = reference
        Centred.n_fits = 0
        search = package.HalvingGridSearchCV(
            behind(Centred())(module), grid, cv=2, factor=2, random_state=0, refit=False
        ).fit(X, Y)
        results.append((search, fits()))
    (ours, n_fits), (theirs, n_theirs) = results
    assert ours.search_path_ == "native" and ours.n_candidates_ == theirs.n_candidates_ == [4, 2, 1]
    np.testing.assert_allclose(
        ours.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"], rtol=1e-9
    )
    assert n_fits < n_theirs == 14


def test_curves_behind_transformers(fits):
    def both(function, *arguments, **options):
        results = []
        for module, package in ((sklearn.neural_network, reference), (skarma, model_selection)):
            Centred.n_fits = 0
            own = {"native": "require"} if module is skarma else {}
            pipeline = behind(Centred())(module)
            results.append(getattr(package, function)(pipeline, X, Y, *arguments, **options, **own))
        for expected, got in zip(*results, strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-9)
        return fits()

    sizes = {"train_sizes": [0.5, 1.0], "shuffle": True, "random_state": 1, "cv": 3}
    assert both("learning_curve", **sizes) == 2 * 3
    values = {"param_name": "mlpclassifier__alpha", "param_range": [0.1, 9.0], "cv": 3}
    assert both("validation_curve", **values) == 3
    assert both("validation_curve", param_name="centred__shift", param_range=[0, 1], cv=3) == 2 * 3


@pytest.mark.parametrize("scoring", ["matthews_corrcoef", lambda e, X, y: e.score(X, y), "both"])
def test_scorers_of_scikit_learn_get_the_fitted_prefix(scoring, fits):
    if scoring == "both":
        scoring = {"own": "accuracy", "theirs": lambda e, X, y: e.score(X, y)}
    refit = "own" if isinstance(scoring, dict) else True
    assert_same_search(
        behind(Centred()),
        {"mlpclassifier__alpha": [0.1, 9.0]},
        (X, Y),
        scoring=scoring,
        refit=refit,
        cv=3,
        return_train_score=True,
    )
    assert fits() == 2 * 3 + 1 + 3 + 1  # scikit-learn's and its refit, ours and its refit


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_ctrl_c_keeps_the_candidates_that_are_complete(n_jobs):
    grid = {"centred__shift": [0.0, 1.0, 2.0], "mlpclassifier__alpha": [0.1, 9.0]}

    class Interrupting(Centred):
        def fit(self, X, y=None):
            if self.shift == 2.0:
                os.kill(os.getpid(), signal.SIGINT)
            return super().fit(X, y)

    search = GridSearchCV(
        make_pipeline(Interrupting(), small(skarma)),
        {name.replace("centred", "interrupting"): values for name, values in grid.items()},
        cv=3,
        n_jobs=n_jobs,
    )
    with ctrl_c_after(3600), pytest.raises(KeyboardInterrupt):
        search.fit(X, Y)
    whole = GridSearchCV(behind(Centred())(skarma), grid, cv=3).fit(X, Y)
    assert [p["interrupting__shift"] for p in search.cv_results_["params"]] == [0.0, 0.0, 1.0, 1.0]
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], whole.cv_results_["mean_test_score"][:4]
    )
    assert search.search_path_ == "native" and not hasattr(search, "best_params_")


def test_lines_of_a_verbose_search(capsys):
    for module, package in ((skarma, model_selection), (sklearn.neural_network, reference)):
        package.GridSearchCV(
            behind(Centred())(module), {"centred__shift": [0.0, 1.0]}, cv=2, verbose=3
        ).fit(X, Y)
    lines = [
        line.split(", score")[0].replace(".", "") for line in capsys.readouterr().out.splitlines()
    ]
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]


@pytest.mark.parametrize("name", ["columns, sparse", "texts", "best features", "a pipeline last"])
def test_cross_validations_behind_transformers(name, caplog):
    make, _, (data, labels) = PIPELINES[name]
    caplog.set_level("DEBUG", logger="skarma.model_selection")
    ours, theirs = (
        package.cross_validate(
            make(module), data, labels, cv=3, return_train_score=True, return_estimator=True
        )
        for module, package in ((skarma, model_selection), (sklearn.neural_network, reference))
    )
    assert list(ours) == list(theirs)
    for key in ("test_score", "train_score"):
        np.testing.assert_allclose(ours[key], theirs[key], rtol=1e-9)
    for mine, their in zip(ours["estimator"], theirs["estimator"], strict=True):
        np.testing.assert_allclose(mine.predict_proba(data), their.predict_proba(data), rtol=1e-9)
        own = mine[-1][-1] if isinstance(mine[-1], Pipeline) else mine[-1]
        assert type(own) is skarma.MLPClassifier and own.n_features_in_ == own.coefs_[0].shape[0]
        restored = pickle.loads(pickle.dumps(mine))
        assert restored.predict(data).tolist() == mine.predict(data).tolist()
    scores = model_selection.cross_val_score(make(skarma), data, labels, cv=3)
    np.testing.assert_array_equal(scores, ours["test_score"])
    assert caplog.messages == ["cross_validate: native", "cross_val_score: native"]


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
@pytest.mark.parametrize("name", ["columns, sparse", "another fit than transformation"])
def test_predictions_behind_transformers(name, method, caplog):
    make, _, (data, labels) = PIPELINES[name]
    caplog.set_level("DEBUG", logger="skarma.model_selection")
    ours, theirs = (
        package.cross_val_predict(make(module), data, labels, cv=3, method=method)
        for module, package in ((skarma, model_selection), (sklearn.neural_network, reference))
    )
    assert caplog.messages == ["cross_val_predict: native"]
    if method == "predict":
        np.testing.assert_array_equal(ours, theirs)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_transformers_are_given_the_targets_that_scikit_learn_gives_them():
    class Seeing(Centred):
        seen = []

        def fit(self, X, y=None):
            Seeing.seen.append(np.asarray(y))
            return super().fit(X)

    for method in ("predict", "predict_proba"):
        parts = []
        for module, package in ((skarma, model_selection), (sklearn.neural_network, reference)):
            Seeing.seen = []
            package.cross_val_predict(behind(Seeing())(module), X, LABELS, cv=2, method=method)
            parts.append(Seeing.seen)
        for mine, their in zip(*parts, strict=True):
            np.testing.assert_array_equal(mine, their)


@pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.9"),
    reason="an older ColumnTransformer has no columns of polars",
)
def test_frames_of_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({name: FRAME[name].to_numpy() for name in FRAME})
    assert_same_search(behind(columns()), {"mlpclassifier__alpha": [0.1]}, (frame, LABELS), cv=3)


@pytest.mark.parametrize(
    ("steps", "grid", "reason"),
    [
        ([("m", LogisticRegression())], {}, "LogisticRegression is not exactly skarma's"),
        ([("m", small(skarma))], {"m": [LogisticRegression()]}, "candidates replace the MLPCl"),
        ([("m", small(skarma))], {"m": ["passthrough"]}, "candidates replace the MLPClassifier"),
        ([("m", small(skarma, "MLPRegressor"))], {"m": [small(skarma)]}, "candidates replace"),
        ([("m", small(skarma, verbose=True))], {}, "the network is verbose"),
        (
            [("m", Pipeline([("m", small(skarma))], verbose=True))],
            {},
            "the pipeline is verbose",
        ),
        ([("m", small(skarma))], {"verbose": [True]}, "the pipeline is verbose"),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_reasons(steps, grid, reason):
    search = GridSearchCV(Pipeline([("c", Centred()), *steps]), grid, cv=2, error_score=0.0)
    try:
        search.fit(X, Y)
    except (AttributeError, ValueError):
        return  # scikit-learn's own: nothing can be scored
    assert search.search_path_.startswith(reason)


SAME = [
    (1, 1),
    ((1, "a"), (1, "a")),
    (np.arange(3.0), np.arange(3.0)),
    (np.array(["a", None], dtype=object), np.array(["a", None], dtype=object)),
    (StandardScaler(), StandardScaler(copy=True)),
    (columns(), columns()),
    (float("nan"), float("nan")),
    ({"a": [1.0]}, {"a": [1.0]}),
    ({1, 2}, {2, 1}),
    (np.random.RandomState(1), np.random.RandomState(1)),
    (FRAME, FRAME.copy()),
    (np.tanh, np.tanh),
    (scipy.sparse.csr_matrix(X), scipy.sparse.csr_matrix(X)),
]
DIFFERENT = [
    (1, 1.0),
    (1, True),
    (0.0, -0.0),
    ("1", 1),
    ((1,), [1]),
    (np.arange(3.0), np.arange(3)),
    (np.arange(4.0), np.arange(4.0).reshape(2, 2)),
    (StandardScaler(), StandardScaler(with_mean=False)),
    (StandardScaler(), MinMaxScaler()),
    (columns(), columns(n_jobs=2)),
    (StandardScaler(), StandardScaler().set_output(transform="pandas")),
    (lambda x: x, lambda x: x),
    (np.random.RandomState(1), np.random.RandomState(2)),
    (FunctionTransformer(np.tanh), FunctionTransformer(np.abs)),
    (FrozenEstimator(StandardScaler().fit(X)), FrozenEstimator(StandardScaler().fit(X + 1))),
]


@pytest.mark.parametrize(("a", "b"), SAME, ids=repr)
def test_values_that_are_the_same(a, b):
    assert key_of(a) == key_of(b) and hash(key_of(a)) == hash(key_of(b))


@pytest.mark.parametrize(("a", "b"), DIFFERENT, ids=repr)
def test_values_that_differ(a, b):
    assert key_of(a) != key_of(b)


def test_values_that_cannot_be_pickled_are_the_same_as_themselves_alone():
    generator = (i for i in ())
    assert key_of(generator) == key_of(generator)
    assert key_of(generator) != key_of(i for i in ())


def dictionary(estimator, X, y):
    return {"score": estimator.score(X, y), "one": 1.0}


def test_ctrl_c_with_a_callable_of_several_scores_and_fits_that_failed():
    first = [{"selectkbest__k": ["bad"]}, {"selectkbest__k": [2]}]
    slow = {"selectkbest__k": [3], "mlpclassifier__max_iter": [1_000_000]}
    pipeline = make_pipeline(SelectKBest(), small(skarma, tol=0, n_iter_no_change=10**6))
    search = GridSearchCV(pipeline, [*first, slow], scoring=dictionary, refit="score", cv=2)
    with warnings.catch_warnings(), ctrl_c_after(4.0), pytest.raises(KeyboardInterrupt):
        warnings.simplefilter("ignore")
        search.fit(X, Y)
    scores = search.cv_results_["mean_test_score"]
    assert np.isnan(scores[0]) and np.isfinite(scores[1]) and len(scores) == 2


def test_folds_before_one_that_fails_are_fitted(monkeypatch):
    class Late(Centred):
        def fit(self, X, y=None):
            if Centred.n_fits == 2:
                raise OSError("no third fit")
            return super().fit(X, y)

    Centred.n_fits, rows = 0, []
    report = skarma._fit_reports.FitReports.row
    monkeypatch.setattr(
        skarma._fit_reports.FitReports,
        "row",
        lambda self, fit, *more: rows.append(fit.fold) or report(self, fit, *more),
    )
    with pytest.raises(OSError, match="no third fit"):
        GridSearchCV(behind(Late())(skarma), {}, cv=3, error_score="raise").fit(X, Y)
    assert rows == [0, 1, 2]


class ByPython(Centred):
    """One that draws from Python's own generator."""

    def fit(self, X, y=None):
        self.mean_ = random.random()
        return self


def test_a_transformer_that_draws_from_pythons_generator_is_scikit_learns():
    search = GridSearchCV(behind(ByPython())(skarma), {"mlpclassifier__alpha": [0.1, 1.0]}, cv=2)
    assert search.fit(X, Y).fallback_reason_ == "transformer"
