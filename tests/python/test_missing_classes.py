"""Scores of folds in which classes are missing: scikit-learn's, whatever training has seen."""

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.metrics import get_scorer
from sklearn.model_selection import KFold, TimeSeriesSplit

import skarma
from skarma.model_selection import cross_validate

SCORERS = [
    "accuracy",
    "average_precision",
    "balanced_accuracy",
    "f1",
    "f1_macro",
    "f1_micro",
    "f1_weighted",
    "neg_log_loss",
    "precision",
    "precision_macro",
    "recall",
    "recall_weighted",
    "roc_auc",
    "roc_auc_ovo",
    "roc_auc_ovo_weighted",
    "roc_auc_ovr",
    "roc_auc_ovr_weighted",
]
LATE = np.r_[np.zeros(40, int), np.arange(20) % 2]  # the event begins late
CODES = {
    "late": LATE,
    "early": LATE[::-1],
    "sorted": np.repeat([0, 1], 30),
    "always": np.zeros(60, int),
    "three_sorted": np.repeat([0, 1, 2], 20),
    "three_late": np.r_[np.arange(40) % 2, np.arange(20) % 3],
    "four_blocks": np.r_[np.arange(20) % 3, 1 + np.arange(20) % 3, 1 + np.arange(20) % 2],
}
LABELS = {
    "from_0": np.arange(4),
    "from_1": np.arange(1, 5),
    "words": np.array(["a", "b", "c", "d"]),
    "real": np.array([-1.0, 1.0, 2.0, 3.0]),
}


def network(module):
    return module.MLPClassifier((4,), max_iter=10, random_state=0)


def reference_score(name, model, X, y):
    try:
        return get_scorer(name)(model, X, y)
    except (ValueError, IndexError):  # scikit-learn 1.7: the latter, for a class it has not seen
        return np.nan


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("cv", [TimeSeriesSplit(3), KFold(3)], ids=["in_time", "blocks"])
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("codes", CODES)
def test_every_scorer_is_scikit_learns(codes, labels, cv):
    y = LABELS[labels][CODES[codes]]
    X = np.random.RandomState(0).randn(len(y), 4)
    fitted = [
        (network(sklearn.neural_network).fit(X[train], y[train]), test)
        for train, test in cv.split(X)
    ]
    for name in SCORERS:
        # Alone, as scikit-learn's several scorers take over each other's positive label.
        found = cross_validate(network(skarma), X, y, cv=cv, scoring=name)["test_score"]
        expected = [reference_score(name, model, X[test], y[test]) for model, test in fitted]
        np.testing.assert_allclose(found, expected, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_model_of_one_class(solver):
    X, y = np.random.RandomState(0).randn(60, 4), np.full(60, 3)
    models = [
        module.MLPClassifier(
            (5,), solver=solver, max_iter=8, random_state=0, early_stopping=solver == "adam"
        ).fit(X, y)
        for module in (sklearn.neural_network, skarma)
    ]
    theirs, ours = models
    if solver == "adam":
        assert ours.validation_scores_ == theirs.validation_scores_
        assert ours.best_validation_score_ == theirs.best_validation_score_
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-6)
    np.testing.assert_allclose(ours.predict_log_proba(X), theirs.predict_log_proba(X), rtol=1e-6)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.score(X, y) == theirs.score(X, y) == 1.0
