"""Pipelines that a native search takes, and the reasons of those that it does not take."""

import numpy as np
import pytest
import sklearn.neural_network
from same_search import assert_same_search, small
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV as SklearnGridSearchCV
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import skarma
from skarma import model_selection
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [("scaler", "passthrough")],
        [("scaler", None)],
        [("a", None), ("scaler", StandardScaler()), ("b", "passthrough")],
        [("a", "passthrough"), ("scaler", MinMaxScaler()), ("b", StandardScaler(with_mean=False))],
    ],
    ids=["alone", "passthrough", "none", "one scaler", "two scalers"],
)
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_steps_that_do_nothing(steps, n_jobs):
    search = assert_same_search(
        lambda module: Pipeline([*steps, ("net", small(module))]),
        {"net__alpha": [0.1, 1.0], "net__hidden_layer_sizes": [(3,), (4, 2)]},
        (X, Y),
        {"net__sample_weight": np.linspace(0.5, 1.5, len(Y))},
        n_jobs=n_jobs,
    )
    assert [name for name, _ in search.best_estimator_.steps][-1] == "net"
    assert_same_search(lambda module: Pipeline([*steps, ("net", small(module))]), {}, (X, Y))


@pytest.mark.parametrize("function", ["cross_val_predict", "cross_val_score"])
def test_cross_validations_of_a_pipeline_with_one_step(function):
    results = []
    for module in (sklearn.neural_network, skarma):
        pipeline = make_pipeline(small(module))
        results.append(getattr(model_selection, function)(pipeline, X, Y, cv=3))
    np.testing.assert_allclose(results[0], results[1], rtol=1e-9)


def test_a_returned_pipeline_with_a_step_that_does_nothing_predicts():
    pipeline = Pipeline([("off", "passthrough"), ("net", small(skarma))])
    result = model_selection.cross_validate(pipeline, X, Y, cv=2, return_estimator=True)
    assert [len(fitted.predict(X)) for fitted in result["estimator"]] == [150, 150]


def test_ranges_of_a_scaler_are_searched_natively():
    assert_same_search(
        lambda module: make_pipeline(MinMaxScaler(), small(module)),
        {"minmaxscaler__feature_range": [(0, 1), (-1, 1)], "minmaxscaler__clip": [False, True]},
        (X, Y),
    )
    assert_same_search(
        lambda module: make_pipeline(MinMaxScaler(), StandardScaler(), small(module)),
        {
            "minmaxscaler__feature_range": [(0, 1), (-1, 1)],
            "mlpclassifier__alpha": [0.1, 10.0],
            "standardscaler__with_std": [False, True],
        },
        (X, Y),
        scoring="neg_log_loss",
        cv=2,
    )


def scaled(step):
    return Pipeline([("s", step), ("m", small(skarma))])


@pytest.mark.parametrize(
    ("estimator", "grid", "options", "reason"),
    [
        (small(skarma), {}, {"cv": StratifiedKFold(2).split(X, Y)}, "cv is an iterator"),
        (
            scaled(StandardScaler()),
            {"m": [LogisticRegression()]},
            {},
            "candidates replace the MLPClassifier by LogisticRegression()",
        ),
        (small(skarma, verbose=True), {}, {}, "the network is verbose"),
        (scaled(StandardScaler()).set_params(verbose=True), {}, {}, "the pipeline is verbose"),
        (
            small(skarma, "MLPRegressor"),
            {},
            {"y": Y > 0},
            "y is of type bool",
        ),
        (small(skarma), {"random_state": [np.random.RandomState(1)]}, {}, "the value RandomState("),
    ],
)
def test_reasons_are_true(estimator, grid, options, reason, capsys):
    options = dict(options)
    y = options.pop("y", Y)
    search = GridSearchCV(estimator, grid, **{"cv": 2} | options).fit(X, y)
    assert search.search_path_.startswith(reason)


def test_numbers_kept_as_objects_are_numbers():
    assert_same_search(
        lambda module: small(module, "MLPRegressor"), {}, (X, X[:, 0].astype(object)), cv=2
    )


@pytest.mark.parametrize("search", [GridSearchCV, SklearnGridSearchCV])
def test_a_pipeline_without_steps(search):
    with pytest.raises(TypeError, match="should have a 'score' method"):
        search(Pipeline([]), {"a__b": [1]}).fit([[0], [1]] * 5, [0, 1] * 5)
