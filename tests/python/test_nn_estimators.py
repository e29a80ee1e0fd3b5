"""`nn.Classifier` and `nn.Regressor`: functions that build networks, as estimators."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import nn
from skarma.model_selection import GridSearchCV


def network(units=8, loss="sparse_categorical_crossentropy", n_outputs=3):
    last = "sigmoid" if loss == "binary_crossentropy" else "softmax"
    layers = [nn.Dense(units, "relu"), nn.Dense(n_outputs, last)]
    model = nn.Sequential(layers, random_state=0)
    model.compile(nn.Adam(learning_rate=0.01), loss)
    return model


def regression(units=16, n_outputs=1):
    model = nn.Sequential([nn.Dense(units, "relu"), nn.Dense(n_outputs)], random_state=0)
    model.compile(nn.Adam(learning_rate=0.01), "squared_error")
    return model


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), np.array(["setosa", "versicolor", "virginica"])[y]


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_a_classifier_learns_labels(iris, loss):
    X, y = iris
    classifier = nn.Classifier(network, epochs=30, loss=loss).fit(X, y)
    assert classifier.score(X, y) > 0.95
    assert set(classifier.predict(X)) <= set(y)
    np.testing.assert_allclose(classifier.predict_proba(X).sum(axis=1), 1, rtol=1e-5)
    assert len(classifier.history_.epoch) == 30
    assert classifier.n_features_in_ == 4


def test_two_classes_with_one_output(iris):
    X, y = iris
    X, y = X[:100], y[:100]
    classifier = nn.Classifier(network, epochs=30, loss="binary_crossentropy", n_outputs=1)
    assert classifier.fit(X, y).score(X, y) == 1.0
    assert classifier.predict_proba(X).shape == (100, 2)


def test_a_search_over_epochs_and_units(iris):
    X, y = iris
    grid = {"epochs": [1, 40], "units": [4, 16]}
    search = GridSearchCV(nn.Classifier(network), grid, cv=3).fit(X, y)
    assert search.best_params_["epochs"] == 40
    assert search.best_score_ > 0.9
    alone = cross_val_score(nn.Classifier(network, epochs=40, units=4), X, y, cv=3).mean()
    assert search.cv_results_["mean_test_score"][2] == pytest.approx(alone)


def test_a_regressor():
    X, y = load_diabetes(return_X_y=True)
    y = (y - y.mean()) / y.std()
    pipeline = make_pipeline(StandardScaler(), nn.Regressor(regression, epochs=20))
    assert cross_val_score(pipeline, X, y, cv=3).min() > 0.3
    both = nn.Regressor(regression, n_outputs=2, epochs=5).fit(X, np.stack([y, -y], axis=1))
    assert both.predict(X).shape == (len(X), 2)


def test_parameters(iris):
    classifier = nn.Classifier(network, epochs=2, units=5)
    parameters = classifier.get_params()
    assert (parameters["epochs"], parameters["units"], parameters["n_outputs"]) == (2, 5, 3)
    copy = clone(classifier).set_params(units=6)
    assert copy.get_params()["units"] == 6
    assert classifier.get_params()["units"] == 5
    with pytest.raises(ValueError, match="Invalid parameter 'unit': there are build_fn, epochs"):
        classifier.set_params(unit=3)
    with pytest.raises(ValueError, match="must return a compiled"):
        nn.Classifier(lambda: nn.Sequential([nn.Dense(3)])).fit(*iris)
    with pytest.raises(ValueError, match=r"y has the shape \(n_samples,\)"):
        classifier.fit(iris[0], np.zeros((150, 2)))
    fitted = classifier.fit(*iris)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(iris[0]), fitted.predict(iris[0]))


def hinge(loss="hinge", n_outputs=3):
    model = nn.Sequential([nn.Dense(n_outputs)], random_state=0)
    model.compile(nn.Adam(learning_rate=0.05), loss)
    return model


@pytest.mark.parametrize(("loss", "n_classes"), [("hinge", 3), ("binary_hinge", 2)])
def test_hinges_have_no_probabilities(iris, loss, n_classes):
    X, y = iris[0][: 50 * n_classes], iris[1][: 50 * n_classes]
    classifier = nn.Classifier(hinge, epochs=60, loss=loss, n_outputs=3 if n_classes == 3 else 1)
    classifier.fit(X, y)
    targets = np.unique(y, return_inverse=True)[1]
    outputs = classifier.model_.predict(X)
    right = (outputs.argmax(axis=1) if n_classes == 3 else outputs[:, 0] > 0) == targets
    assert classifier.score(X, y) == right.mean() > 0.9
    assert not hasattr(classifier, "predict_proba")


def test_what_does_not_fit(iris):
    X, y = iris
    with pytest.raises(NotFittedError):
        nn.Classifier(network).predict(X)
    with pytest.raises(ValueError, match="There are 3 classes and 4 outputs"):
        nn.Classifier(network, n_outputs=4).fit(X, y)
    with pytest.raises(ValueError, match="must not have a parameter 'epochs'"):
        nn.Classifier(lambda epochs=3: network())
    images = nn.Classifier(lambda: network(), epochs=1)
    images.build_fn = lambda: _of_images()
    images.fit(np.zeros((6, 2, 2, 1)), [0, 1, 2, 0, 1, 2])
    assert not hasattr(images, "n_features_in_")


def _of_images():
    model = nn.Sequential([nn.Flatten(), nn.Dense(3, "softmax")], random_state=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def test_grids_of_numpy(iris):
    grid = {"units": np.array([4, 8])}
    search = GridSearchCV(nn.Classifier(network, epochs=2), grid, cv=2).fit(*iris)
    assert search.best_params_["units"] in (4, 8)


def of_8(units=8):
    return network(units)


def of_32(units=32, n_outputs=3):
    return network(units, n_outputs=n_outputs)


def test_another_function_has_its_own_defaults(iris):
    def units(classifier):
        return classifier.fit(*iris).model_.layers[0].units

    assert units(nn.Classifier(of_8).set_params(build_fn=of_32)) == 32
    assert units(clone(clone(nn.Classifier(of_8))).set_params(build_fn=of_32)) == 32
    assert units(clone(nn.Classifier(of_8, units=5)).set_params(build_fn=of_32)) == 5
    search = GridSearchCV(nn.Classifier(of_8), {"build_fn": [of_32]}, cv=2).fit(*iris)
    assert search.best_estimator_.get_params()["units"] == 32
    assert units(search.best_estimator_) == 32
    searched = {"build_fn": [of_8, of_32], "units": [8]}
    search = GridSearchCV(nn.Classifier(of_8), searched, cv=2, refit=False).fit(*iris)
    assert len(set(search.cv_results_["mean_test_score"])) == 1


def test_a_fit_that_fails_leaves_the_last_one_as_it_was(iris):
    X, y = iris
    classifier = nn.Classifier(network, epochs=2).fit(X, y)
    expected = classifier.predict(X)
    with pytest.raises(ValueError, match="NaN"):
        classifier.fit(np.full_like(X, np.nan), np.arange(150) % 3)
    np.testing.assert_array_equal(classifier.predict(X), expected)
    classifier.set_params(build_fn=_of_images).fit(np.zeros((6, 2, 2, 1)), [0, 1, 2, 0, 1, 2])
    assert not hasattr(classifier, "n_features_in_")


@pytest.mark.parametrize(
    ("activation", "loss"),
    [("linear", "mse"), ("exponential", "poisson"), ("sigmoid", "binary_crossentropy")],
)
@pytest.mark.parametrize("is_apart", [False, True])
def test_probabilities_are_those_of_sigmoid_and_softmax(iris, activation, loss, is_apart):
    def build():
        layers = [nn.Dense(1), nn.Activation(activation)]
        model = nn.Sequential(layers if is_apart else [nn.Dense(1, activation)], random_state=0)
        model.compile(nn.Adam(learning_rate=0.05), loss)
        return model

    X, y = iris[0][:100], iris[1][:100]
    classifier = nn.Classifier(build, epochs=60).fit(X, y)
    assert classifier.score(X, y) > 0.9
    assert hasattr(classifier, "predict_proba") == (activation == "sigmoid")


@pytest.mark.parametrize("loss", ["quantile(0.1, 0.5, 0.9)", "mse"])
def test_losses_of_numbers_take_no_class_numbers_for_several_outputs(iris, loss):
    def build():
        model = nn.Sequential([nn.Dense(3)], random_state=0)
        model.compile("adam", loss)
        return model

    with pytest.raises(ValueError, match="of several outputs is none of classes"):
        nn.Classifier(build).fit(*iris)


@pytest.mark.parametrize("dtype", [float, object])
def test_labels_must_not_be_nan(iris, dtype):
    y = np.arange(150) % 3 * np.ones(150, dtype=dtype)
    y[7] = np.nan
    with pytest.raises(ValueError, match="contains NaN"):
        nn.Classifier(network).fit(iris[0], y)
