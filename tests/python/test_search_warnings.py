"""A native search warns as scikit-learn's does, fit by fit, and obeys the same filters."""

import warnings

import numpy as np
import pytest
import sklearn.model_selection as reference
import sklearn.model_selection._validation as validation
import sklearn.neural_network
import sklearn.neural_network._multilayer_perceptron as perceptron
from same_search import small
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, FitFailedWarning
from sklearn.model_selection import KFold, LeaveOneOut, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skarma
from skarma import model_selection
from skarma._fit_reports import _judged_folds
from skarma._native_search import Folds
from skarma._warnings import _line_of
from skarma.model_selection import GridSearchCV

IRIS = load_iris(return_X_y=True)
CANCER = load_breast_cancer(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)
BOTH = ((sklearn.neural_network, reference), (skarma, model_selection))


def told(work, *filters):
    """What some work warns about: text without traceback, category, module; and its result."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for action in filters:
            warnings.filterwarnings(**action)
        result = work()
    rows = []
    for w in caught:
        text = str(w.message).split("\nTraceback")[0].split("Details")[0]
        line = None if w.category is DataConversionWarning else w.lineno
        rows.append((text, w.category.__name__, w.filename, line))
    return rows, result


def assert_same_told(work, *filters, sort=False):
    """Compare what both warn about, and both results. `work(module, package)`."""
    both = []
    for pair in BOTH:
        forget_what_was_said()
        both.append(told(lambda pair=pair: work(*pair), *filters))
    theirs, ours = both
    if sort:
        theirs, ours = ((sorted(rows), result) for rows, result in (theirs, ours))
    assert ours[0] == theirs[0]
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-9)
    return ours[0]


def scored(X, y, make=small, **options):
    def work(module, package):
        return package.cross_val_score(make(module), X, y, **options)

    return work


def forget_what_was_said():
    """Filters that say things once do so for each search."""
    warnings.onceregistry.clear()
    for module in (validation, perceptron):
        vars(module).pop("__warningregistry__", None)


def test_every_fit_warns_of_its_own():
    rows = assert_same_told(scored(*IRIS, cv=3))
    assert len(rows) == 3 and rows[0][0].startswith("Stochastic Optimizer: Maximum")

    def search(module, package):
        grid = {"batch_size": [20, 500], "max_iter": [3, 4]}
        return package.GridSearchCV(small(module), grid, cv=2, refit=False).fit(*IRIS).best_score_

    texts = [row[0][:20] for row in assert_same_told(search)]
    assert texts.count("Got `batch_size` les") == 4 and texts.count("Stochastic Optimizer") == 8


def test_without_scikit_learns_source_a_warning_has_no_line_of_it(monkeypatch):
    def fail(module):
        raise OSError("could not get source code")

    _line_of.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr("skarma._warnings.inspect.getsource", fail)
        rows, _ = told(lambda: small(skarma).fit(*IRIS))
    _line_of.cache_clear()
    assert [row[1:] for row in rows] == [("ConvergenceWarning", perceptron.__file__, 1)]


@pytest.mark.parametrize("action", ["ignore", "once", "default", "module", "always"])
@pytest.mark.parametrize(
    "what",
    [
        {},
        {"message": "Stochastic Optimizer"},
        {"category": ConvergenceWarning},
        {"category": UserWarning, "module": "sklearn"},
        {"module": r"sklearn\.neural_network\._multilayer_perceptron"},
    ],
)
def test_filters_mean_the_same(action, what):
    assert_same_told(scored(*IRIS, cv=3), {"action": action} | what)


def test_a_warning_that_is_an_error_fails_its_fit_alone():
    def search(module, package):
        grid = {"max_iter": [5, 2000], "tol": [1e-2]}
        found = package.GridSearchCV(small(module), grid, cv=2).fit(*IRIS)
        assert found.best_params_["max_iter"] == 2000
        return np.r_[found.cv_results_["mean_test_score"], found.cv_results_["rank_test_score"]]

    rows = assert_same_told(search, {"action": "error", "category": ConvergenceWarning})
    assert rows[0][1] == "FitFailedWarning"


@pytest.mark.parametrize("message", ["Stochastic", "Got `batch_size`"])
def test_an_error_made_of_a_warning_is_raised_if_asked_for(message):
    for module, package in BOTH:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", message=message)
            search = package.GridSearchCV(
                small(module), {"batch_size": [500]}, cv=2, error_score="raise"
            )
            with pytest.raises(UserWarning, match=message):
                search.fit(*IRIS)
            with pytest.raises(UserWarning, match=message):
                package.cross_val_predict(small(module, batch_size=500), *IRIS)


def test_all_fits_fail_if_all_warn():
    texts = []
    for module, package in BOTH:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            with pytest.raises(ValueError, match="All the 5 fits failed") as error:
                package.cross_validate(small(module), *IRIS)
        texts.append(str(error.value).split("Traceback")[0])
    assert texts[0] == texts[1]


@pytest.mark.parametrize("error_score", [np.nan, -1.0])
def test_failed_fits_are_told_alike(error_score):
    lone = np.isin(np.arange(150), [0, 80])
    rows = assert_same_told(scored(IRIS[0], lone, early, cv=KFold(3), error_score=error_score))
    assert "FitFailedWarning" in {row[1] for row in rows}


def early(module):
    return small(module, early_stopping=True)


def test_errors_of_scikit_learns_path_have_no_traceback_of_ours():
    def search():
        with pytest.warns(FitFailedWarning) as caught:
            GridSearchCV(small(skarma), {"alpha": [1, -1]}, cv=2).fit(*IRIS)
        return next(str(w.message) for w in caught if w.category is FitFailedWarning)

    text = search()
    assert "NotNative" not in text and "During handling" not in text
    for call in (
        lambda: GridSearchCV(small(skarma), {"alpha": [-1]}, error_score="raise").fit(*IRIS),
        lambda: model_selection.cross_val_score(small(skarma, alpha=-1), *IRIS),
        lambda: model_selection.cross_val_predict(small(skarma, alpha=-1), *IRIS),
    ):
        with pytest.raises(ValueError) as error:
            call()
        chain = error.value
        while chain is not None:
            assert "NotNative" not in repr(chain)
            chain = chain.__context__


RARE = (np.arange(30) == 4) * 1
LABELS = np.r_[np.zeros(40, int), np.arange(20) % 2]  # the event begins late
THREE = np.sort(np.arange(60) % 3)
SOME = np.random.RandomState(0).randn(60, 4)
EVENTS = (np.arange(60)[:, np.newaxis] % [7, 60] == 3).astype(int)


def regressor(module):
    return small(module, "MLPRegressor", max_iter=3)


@pytest.mark.parametrize("scoring", [None, "r2", "neg_mean_squared_error", ["r2", "max_error"]])
def test_regressions_of_single_samples(scoring):
    X, y = DIABETES[0][:12], DIABETES[1][:12]
    if isinstance(scoring, list):
        scoring = {"b": "r2", "a": "neg_mean_absolute_error"}
    options = {"cv": LeaveOneOut(), "scoring": scoring, "return_train_score": True}

    def work(module, package):
        results = package.cross_validate(regressor(module), X, y, **options)
        return np.array([results[name] for name in results if "time" not in name])

    assert_same_told(work, sort=True)


def test_a_list_of_columns_of_targets_is_told_by_every_fit():
    rows = assert_same_told(scored(DIABETES[0], DIABETES[1][:, np.newaxis].tolist(), regressor))
    assert [row[1] for row in rows].count("DataConversionWarning") == 5


def judged(y, splits, scoring, name="MLPClassifier", with_train_scores=False):
    """The numbers of the folds whose scores are left to scikit-learn's scorers."""
    folds = Folds([tuple(map(np.asarray, split)) for split in splits], len(y))
    metrics = [("score", scoring)]
    found = _judged_folds(metrics, y, folds, small(skarma, name), with_train_scores)
    return [fold for fold, is_judged in enumerate(found) if is_judged]


def test_scikit_learn_scores_where_its_rules_of_rare_cases_hold_and_nowhere_else():
    y = np.array([0, 0, 1, 1, 1, 1])
    splits = [
        ([2, 3, 4, 5], [0, 1]),
        ([0, 1, 2, 3], [4, 5]),
        ([0, 2, 3], [1, 4, 5]),
        ([0], [1, 2]),
        ([0, 1, 2, 3, 5], [4]),
    ]
    for scoring in ("roc_auc", "roc_auc_ovr", "neg_log_loss", "average_precision"):
        assert judged(y, splits, scoring) == [0, 1, 3, 4]
        assert judged(np.ones(6), splits, scoring) == [0, 1, 2, 3, 4]
    assert judged(y, splits, "accuracy") == []
    labels = np.stack([y, 1 - y, np.arange(6) % 2], axis=1)
    assert judged(labels, splits, "roc_auc") == [0, 1, 3, 4]
    assert judged(y[:, np.newaxis], splits, "roc_auc") == [0, 1, 3, 4]
    three = np.array([[0], [1], [2], [0], [1], [2]])
    assert judged(three, [([0, 1, 2], [3, 4, 5]), ([0, 1, 3], [2, 4])], "roc_auc_ovr") == [1]
    for scoring in ("", "r2"):
        assert judged(y, splits, scoring, "MLPRegressor") == [4]
        assert judged(y, splits, scoring, "MLPRegressor", with_train_scores=True) == [3, 4]
    assert judged(y, splits, "neg_mean_squared_error", "MLPRegressor") == []


CLASS_SCORINGS = [
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "precision_macro",
    "recall_weighted",
    "f1_macro",
    "f1_micro",
    "precision_micro",
    "roc_auc",
    "roc_auc_ovr",
    "roc_auc_ovo_weighted",
    "average_precision",
    "neg_log_loss",
]


@pytest.mark.parametrize("scoring", CLASS_SCORINGS)
@pytest.mark.parametrize(
    ("X", "y", "cv"),
    [
        (SOME[:30], RARE, KFold(3)),
        (SOME, LABELS, TimeSeriesSplit(3)),
        (SOME, LABELS, KFold(3)),
        (SOME, THREE, KFold(4)),
        (SOME, THREE, 3),
        (SOME[::6], THREE[::6], LeaveOneOut()),
        (SOME, np.where(LABELS, "yes", "no"), KFold(3)),
    ],
    ids=["rare", "series", "late", "sorted", "three", "alone", "words"],
)
def test_metrics_warn_alike(scoring, X, y, cv):
    assert_same_told(scored(X, y, cv=cv, scoring=scoring))


@pytest.mark.parametrize("scoring", ["f1_samples", "recall_samples", "precision_macro", "roc_auc"])
def test_metrics_of_several_labels_warn_alike(scoring):
    assert_same_told(scored(SOME, EVENTS, cv=KFold(3), scoring=scoring))


def test_metrics_of_a_pipeline_with_weights_and_candidates_warn_alike():
    def search(module, package):
        pipeline = make_pipeline(StandardScaler(), small(module))
        found = package.GridSearchCV(
            pipeline,
            {"mlpclassifier__alpha": [0.1, 1.0], "mlpclassifier__max_iter": [1, 8]},
            cv=KFold(3),
            scoring=["f1", "roc_auc", "accuracy"],
            refit="accuracy",
            return_train_score=True,
        ).fit(SOME, LABELS, mlpclassifier__sample_weight=np.linspace(0.5, 2.0, 60))
        names = [f"mean_{part}_{m}" for part in ("test", "train") for m in ("f1", "roc_auc")]
        return np.concatenate([found.cv_results_[name] for name in names])

    assert_same_told(search, sort=True)


def test_a_metric_that_raises_if_its_warning_is_an_error():
    def work(module, package):
        return package.cross_val_score(
            small(module), SOME, LABELS, cv=KFold(3), scoring="precision", error_score=-3.0
        )

    assert_same_told(work, {"action": "error", "message": "Precision is ill-defined"})


def test_a_column_of_targets_is_told_by_every_fit():
    rows = assert_same_told(scored(DIABETES[0], DIABETES[1][:, np.newaxis], regressor, cv=3))
    assert [row[1] for row in rows].count("DataConversionWarning") == 3


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
@pytest.mark.parametrize(("y", "cv"), [(LABELS, KFold(3)), (THREE, KFold(3)), (RARE, KFold(5))])
def test_predictions_of_missing_classes_warn_alike(method, y, cv):
    def work(module, package):
        try:
            return package.cross_val_predict(small(module), SOME[: len(y)], y, cv=cv, method=method)
        except ValueError as error:  # one class has two columns, in scikit-learn, too
            assert "shape mismatch" in str(error)
            return -1.0

    assert_same_told(work)
