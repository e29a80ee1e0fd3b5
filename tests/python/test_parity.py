"""The same figures as scikit-learn's own classes, fitted live side by side."""

import warnings

import numpy as np
import pytest
import scipy.sparse
import sklearn.neural_network as reference
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_iris,
    make_multilabel_classification,
)
from sklearn.preprocessing import StandardScaler

import skarma

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def _scaled(loader):
    X, y = loader(return_X_y=True)
    return StandardScaler().fit_transform(X), y


IRIS = _scaled(load_iris)
CANCER = _scaled(load_breast_cancer)
LABELS = make_multilabel_classification(n_samples=120, n_features=6, random_state=0)
DIABETES = _scaled(load_diabetes)
DIABETES = DIABETES[0], (DIABETES[1] - 150) / 75
TWO_OUTPUTS = DIABETES[0], np.column_stack([DIABETES[1], DIABETES[0][:, 2] ** 2])
COUNTS = DIABETES[0], np.round(np.exp(DIABETES[1]))

SMALL = {"hidden_layer_sizes": (6, 4), "max_iter": 12, "random_state": 3}
CLASSIFIERS = [
    pytest.param(data, parameters, id=f"{name}-{'-'.join(map(str, parameters.values()))}")
    for name, data in {"iris": IRIS, "cancer": CANCER, "labels": LABELS}.items()
    for parameters in [
        {"activation": "identity"},
        {"activation": "logistic"},
        {"activation": "tanh", "batch_size": 32},
        {"activation": "relu", "shuffle": False},
        {"alpha": 0.5, "hidden_layer_sizes": ()},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4},
        {"learning_rate": "invscaling", "momentum": 0.1},
        {"learning_rate": "adaptive", "tol": 0.5, "n_iter_no_change": 1},
        {"early_stopping": True, "validation_fraction": 0.25, "n_iter_no_change": 2, "tol": 0.01},
        {"n_iter_no_change": 2, "tol": 0.5},
        {"solver": "sgd", "learning_rate": "constant", "momentum": 0.0},
        {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.3},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 1},
        {"solver": "sgd", "nesterovs_momentum": False, "learning_rate_init": 0.1},
        {"solver": "sgd", "early_stopping": True, "batch_size": 50},
        {"solver": "lbfgs", "activation": "tanh"},
        {"solver": "lbfgs", "alpha": 1.0},
    ]
]
REGRESSORS = [
    pytest.param(data, parameters, id=f"{name}-{'-'.join(map(str, parameters.values()))}")
    for name, data in {"one": DIABETES, "two": TWO_OUTPUTS, "counts": COUNTS}.items()
    for parameters in [
        {"activation": "logistic"},
        {"activation": "tanh", "batch_size": 64},
        {"loss": "poisson", "learning_rate_init": 0.01},
        {"early_stopping": True, "n_iter_no_change": 2},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 1},
        {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.05},
        {"solver": "lbfgs", "activation": "tanh"},
    ]
]


def both(name, parameters):
    parameters = SMALL | parameters
    return getattr(reference, name)(**parameters), getattr(skarma, name)(**parameters)


def assert_same_training(theirs, ours, rtol=1e-9):
    assert ours.n_iter_ == theirs.n_iter_
    assert ours.t_ == theirs.t_
    assert ours.n_layers_ == theirs.n_layers_
    assert ours.out_activation_ == theirs.out_activation_
    np.testing.assert_allclose(ours.loss_, theirs.loss_, rtol=rtol)
    for attribute in ("loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_"):
        expected = getattr(theirs, attribute, None)
        if expected is not None:
            np.testing.assert_allclose(getattr(ours, attribute), expected, rtol=rtol)
        else:
            assert getattr(ours, attribute, None) is None
    for ours_i, theirs_i in zip(
        ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        assert ours_i.shape == theirs_i.shape
        assert ours_i.dtype == theirs_i.dtype
        np.testing.assert_allclose(ours_i, theirs_i, rtol=rtol, atol=rtol * abs(theirs_i).max())


@pytest.mark.parametrize(("data", "parameters"), CLASSIFIERS)
def test_classifier(data, parameters):
    X, y = data
    theirs, ours = both("MLPClassifier", parameters)
    assert_same_training(theirs.fit(X, y), ours.fit(X, y))
    np.testing.assert_allclose(
        ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-9, atol=1e-12
    )
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.score(X, y) == theirs.score(X, y)


@pytest.mark.parametrize(
    "parameters",
    [
        {"tol": 0.5, "n_iter_no_change": 1},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.5, "n_iter_no_change": 1},
        {"solver": "sgd", "early_stopping": True, "tol": 0.01, "n_iter_no_change": 2},
    ],
)
def test_what_is_printed(parameters, capsys):
    for model in both("MLPClassifier", parameters | {"verbose": True, "max_iter": 60}):
        model.fit(*IRIS)
        print("--")
    expected, printed, _ = capsys.readouterr().out.split("--\n")
    assert "Stopping." in expected
    assert printed == expected


@pytest.mark.parametrize(("data", "parameters"), REGRESSORS)
def test_regressor(data, parameters):
    X, y = data
    theirs, ours = both("MLPRegressor", parameters)
    if parameters.get("loss") == "poisson":
        y = np.abs(y)
    assert_same_training(theirs.fit(X, y), ours.fit(X, y))
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_sample_weights(solver):
    X, y = CANCER
    weight = np.linspace(0.1, 3.0, len(y))
    theirs, ours = both("MLPClassifier", {"solver": solver})
    assert_same_training(theirs.fit(X, y, weight), ours.fit(X, y, weight))


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_partial_fit_and_warm_start(solver):
    X, y = IRIS
    theirs, ours = both("MLPClassifier", {"solver": solver})
    for model in (theirs, ours):
        model.partial_fit(X[::2], y[::2], classes=[0, 1, 2])
        model.partial_fit(X[1::2], y[1::2])
    assert_same_training(theirs, ours)
    for model in (theirs, ours):
        model.set_params(warm_start=True).fit(X, y)
        model.fit(X, y)
    assert len(ours.loss_curve_) == len(theirs.loss_curve_) > 12
    assert_same_training(theirs, ours)


def told(work):
    """The result of some work, the error that it ends with, and what it has warned about."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = work()
        except (ValueError, AttributeError) as error:
            result = str(error)
    return result, [(w.category, str(w.message)) for w in caught]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("other", [[0, 1], [0, 1, 3], [0, 1, 2, 3], [3, 4, 5], [2, 1, 0]], ids=str)
def test_warm_start_with_other_classes(other, solver):
    X, y = IRIS
    changed = np.array(other)[np.arange(len(y)) % len(other)]
    theirs, ours = both("MLPClassifier", {"solver": solver, "max_iter": 2, "warm_start": True})
    for model in (theirs, ours):
        model.fit(X, y)
        if set(other) == set(y):
            model.fit(X, changed)
            continue
        with pytest.raises(ValueError, match="`y` has "):
            model.fit(X, changed)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-9)


def test_first_samples_without_all_classes():
    X, y = IRIS
    theirs, ours = both("MLPClassifier", {})
    for model in (theirs, ours):
        model.partial_fit(X[:100], y[:100], classes=[0, 1, 2])
        assert list(model.classes_) == [0, 1, 2]
        model.partial_fit(X, y)
        with pytest.raises(ValueError, match="`y` has classes not in `self.classes_`"):
            model.partial_fit(X, y + 1)
        with pytest.raises(ValueError, match="is not the same as on last call"):
            model.partial_fit(X, y, classes=[0, 1])
    assert_same_training(theirs, ours)


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_partial_fit_with_early_stopping(name, solver):
    X, y = CANCER
    outcomes = []
    for model in both(name, {"early_stopping": True, "solver": solver, "max_iter": 2}):
        more = {"classes": [0, 1]} if name == "MLPClassifier" else {}
        outcome, _ = told(lambda model=model, more=more: model.partial_fit(X, y, **more).n_iter_)
        outcomes.append(outcome)
    assert outcomes[0] == outcomes[1]
    if solver != "lbfgs":
        assert outcomes[0] == "partial_fit does not support early_stopping=True"


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_a_column_of_targets(name, method):
    X, y = IRIS
    more = {"classes": [0, 1, 2]} if (name, method) == ("MLPClassifier", "partial_fit") else {}
    models = both(name, {"max_iter": 2})
    theirs, ours = (
        told(lambda model=model: getattr(model, method)(X, y[:, np.newaxis], **more))
        for model in models
    )
    assert ours[1] == theirs[1]
    assert "column-vector y was passed" in ours[1][0][1]
    assert_same_training(theirs[0], ours[0])
    assert ours[0].predict(X).shape == theirs[0].predict(X).shape == y.shape


@pytest.mark.parametrize("settings", [{}, {"early_stopping": True, "validation_fraction": 0.25}])
@pytest.mark.parametrize("batch_size", [112, 113, 150, 151])
def test_batches_larger_than_what_is_trained_on(batch_size, settings):
    models = both("MLPClassifier", settings | {"batch_size": batch_size, "max_iter": 2})
    theirs, ours = (told(lambda model=model: model.fit(*IRIS)) for model in models)
    assert ours[1] == theirs[1]
    assert any("It is going to be clipped" in text for _, text in ours[1]) == (
        batch_size > (112 if settings else 150)
    )
    assert_same_training(theirs[0], ours[0])


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_float32(name, solver):
    X, y = CANCER
    X, y = X.astype(np.float32), y.astype(np.float32)
    theirs, ours = both(name, {"solver": solver})
    assert_same_training(theirs.fit(X, y), ours.fit(X, y), rtol=2e-5)
    assert ours.coefs_[0].dtype == np.float32
    predict = "predict_proba" if name == "MLPClassifier" else "predict"
    assert getattr(ours, predict)(X).dtype == getattr(theirs, predict)(X).dtype


@pytest.mark.parametrize("kind", ["csr_array", "csc_matrix", "coo_array"])
def test_sparse_samples(kind):
    X, y = CANCER
    X = np.where(X > 0.5, X, 0.0)
    theirs, ours = both("MLPClassifier", {})
    sparse = getattr(scipy.sparse, kind)(X)
    assert_same_training(theirs.fit(sparse, y), ours.fit(sparse, y))


def test_a_generator_is_left_as_scikit_learn_leaves_it():
    X, y = IRIS
    generators = np.random.RandomState(5), np.random.RandomState(5)
    for name, generator in zip((reference, skarma), generators, strict=True):
        name.MLPClassifier(**SMALL | {"random_state": generator}).fit(X, y)
    assert generators[0].randint(1 << 30) == generators[1].randint(1 << 30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        losses = []
        for name in (reference, skarma):
            np.random.seed(7)
            losses.append(name.MLPClassifier(**SMALL | {"random_state": None}).fit(X, y).loss_)
            losses.append(np.random.random())
    assert losses[0] == pytest.approx(losses[2], rel=1e-12)
    assert losses[1] == losses[3]
