"""Searches and cross-validations over networks of skarma.nn, natively and by scikit-learn."""

import numpy as np
import pytest
import sklearn.model_selection as reference
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import FitFailedWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skarma import nn
from skarma.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_validate,
)

X, Y = load_iris(return_X_y=True)
WORDS = np.array(["setosa", "versicolor", "virginica"])[Y]


def network(
    units=8,
    rate=0.01,
    loss="sparse_categorical_crossentropy",
    outputs=3,
    last="softmax",
    dtype="float32",
    metrics=(),
    random_state=3,
):
    layers = [nn.Dense(units, "relu"), nn.Dropout(0.1), nn.Dense(outputs, last)]
    model = nn.Sequential(layers, random_state=random_state, dtype=dtype)
    model.compile(nn.Adam(learning_rate=rate), loss, metrics)
    return model


def classifier(**parameters):
    return nn.Classifier(network, epochs=8, batch_size=16, **parameters)


def assert_same(make, grid, data, *, rtol=1e-9, atol=0.0, fit_params=None, **options):
    """Both searches, and our best one."""
    options = {"cv": 3, "return_train_score": True} | options
    ours = GridSearchCV(make(), grid, **options).fit(*data, **fit_params or {})
    theirs = reference.GridSearchCV(make(), grid, **options).fit(*data, **fit_params or {})
    assert ours.search_path_ == "native"
    assert list(ours.cv_results_) == list(theirs.cv_results_)
    assert ours.cv_results_["params"] == theirs.cv_results_["params"]
    for key, expected in theirs.cv_results_.items():
        if "time" not in key and not key.startswith("param"):
            np.testing.assert_allclose(
                ours.cv_results_[key], expected, rtol=rtol, atol=atol, err_msg=key
            )
    return ours, theirs


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_search_has_the_scores_of_scikit_learns(n_jobs, dtype):
    grid = {"units": [2, 16], "rate": [0.003, 0.03], "batch_size": [8, 50]}
    ours, theirs = assert_same(lambda: classifier(dtype=dtype), grid, (X, WORDS), n_jobs=n_jobs)
    assert ours.best_params_ == theirs.best_params_
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))


@pytest.mark.parametrize(
    ("loss", "outputs", "last", "y"),
    [
        ("categorical_crossentropy", 3, "softmax", Y),
        ("binary_crossentropy", 1, "sigmoid", Y == 1),
        ("mse", 1, "linear", np.where(Y == 1, "yes", "no")),
        ("squared_hinge", 3, "linear", Y.astype(float)),
        ("binary_hinge", 1, "linear", Y == 0),
    ],
)
def test_every_form_of_labels(loss, outputs, last, y):
    assert_same(
        lambda: classifier(loss=loss, outputs=outputs, last=last), {"units": [4, 8]}, (X, y)
    )


@pytest.mark.parametrize(
    "scoring",
    [None, "neg_log_loss", "roc_auc_ovr", {"a": "accuracy", "f": "f1_macro"}],
)
def test_scores(scoring):
    refit = "a" if isinstance(scoring, dict) else True
    # scikit-learn sums probabilities that are float32.
    data = X, WORDS
    assert_same(
        classifier, {"units": [2, 8]}, data, scoring=scoring, refit=refit, rtol=1e-6, atol=1e-6
    )


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_a_regressor(n_outputs):
    y = X[:, :n_outputs].ravel() if n_outputs == 1 else X[:, :2]

    def make():
        return nn.Regressor(network, epochs=5, loss="mse", outputs=n_outputs, last="linear")

    weights = np.random.RandomState(0).uniform(size=150)
    assert_same(
        make,
        {"units": [3, 9]},
        (X[:, 2:], y),
        scoring="neg_mean_squared_error",
        fit_params={"sample_weight": weights},
        rtol=1e-6,
    )


def test_images():
    images, digits = load_digits(return_X_y=True)
    images = images[:300].reshape(-1, 8, 8, 1) / 16

    def of_images(filters=2):
        layers = [nn.Conv2D(filters, 3, activation="relu"), nn.Flatten(), nn.Dense(10, "softmax")]
        model = nn.Sequential(layers, random_state=0)
        model.compile(nn.Adam(learning_rate=0.01), "sparse_categorical_crossentropy", ["accuracy"])
        return model

    ours, _ = assert_same(
        lambda: nn.Classifier(of_images, epochs=2), {"filters": [1, 4]}, (images, digits[:300])
    )
    assert ours.best_estimator_.model_.layers[0].filters == ours.best_params_["filters"]


def test_behind_scalers():
    assert_same(
        lambda: make_pipeline(StandardScaler(), classifier()),
        {"classifier__units": [2, 8], "standardscaler__with_mean": [True, False]},
        (X, WORDS),
    )


def test_weights_that_a_network_comes_with_are_where_its_fits_begin():
    pretrained = network(units=8, dtype="float64")
    pretrained.fit(X, Y, epochs=20, verbose=0)
    content = pretrained.get_weights()

    def tuned(rate=0.001):
        model = network(units=8, rate=rate, dtype="float64")
        model.build((4,))
        model.set_weights(content)
        model.layers[0].trainable = False
        return model

    ours, _ = assert_same(lambda: nn.Classifier(tuned, epochs=3), {"rate": [1e-3, 1e-2]}, (X, Y))
    kept = ours.best_estimator_.model_.get_weights()
    np.testing.assert_array_equal(kept[0], content[0])


def test_a_random_search_builds_one_network_for_the_fits_of_each_candidate():
    built = []

    def counted(units=4):
        built.append(units)
        return network(units)

    search = RandomizedSearchCV(
        nn.Classifier(counted, epochs=2),
        {"units": [3, 5, 7, 9]},
        n_iter=3,
        cv=7,
        random_state=0,
        refit=False,
    ).fit(X, Y)
    assert search.search_path_ == "native"
    tried = [candidate["units"] for candidate in search.cv_results_["params"]]
    assert sorted(set(built) - {4}) == sorted(tried)
    assert [built.count(units) for units in tried] == [1, 1, 1]


def test_cross_validation():
    options = {"cv": 4, "return_train_score": True, "return_estimator": True}
    model = classifier(metrics=["accuracy"], dtype="float64")
    ours = cross_validate(model, X, WORDS, **options)
    theirs = reference.cross_validate(model, X, WORDS, **options)
    for key in ("test_score", "train_score"):
        np.testing.assert_array_equal(ours[key], theirs[key])
    for one, other in zip(ours["estimator"], theirs["estimator"], strict=True):
        assert one.history_.history == other.history_.history
        assert one.history_.epoch == other.history_.epoch
        assert one.n_features_in_ == other.n_features_in_ == 4
        np.testing.assert_array_equal(one.classes_, other.classes_)
        np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
        one.model_.fit(X, Y, epochs=2, verbose=0)  # and may go on
        other.model_.fit(X, Y, epochs=2, verbose=0)
        np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    predictions = cross_val_predict(model, X, WORDS, cv=4, method="predict_proba")
    expected = reference.cross_val_predict(model, X, WORDS, cv=4, method="predict_proba")
    np.testing.assert_array_equal(predictions, expected)


def test_a_fold_that_lacks_a_class_fails_as_elsewhere():
    splits = [(np.arange(100), np.arange(100, 150)), (np.arange(150), np.arange(150))]
    for module in (GridSearchCV, reference.GridSearchCV):
        search = module(classifier(), {"units": [2, 4]}, cv=splits, error_score=-1)
        with pytest.warns(FitFailedWarning, match="There are 2 classes and 3 outputs"):
            search.fit(X, Y)
        np.testing.assert_array_equal(search.cv_results_["split0_test_score"], [-1, -1])
        assert (search.cv_results_["split1_test_score"] > 0).all()


def broken(units=3):
    raise ValueError("no such network")


@pytest.mark.parametrize(
    ("make", "grid", "code"),
    [
        (lambda: classifier(random_state=None), {"units": [2, 3]}, "random_state"),
        (lambda: classifier().set_params(verbose=2), {"units": [2]}, "verbose_estimator"),
        (
            lambda: classifier().set_params(augment=[nn.GaussianNoise(0.1)]),
            {"units": [2]},
            "estimator",
        ),
        (classifier, {"epochs": [1, 2]}, "epochs"),
        (classifier, {"batch_size": [0, 3]}, "refused"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_is_scikit_learns(make, grid, code):
    search = GridSearchCV(make(), grid, cv=2).fit(X, Y)
    assert search.fallback_reason_ == code


def test_a_function_that_raises_does_so_in_its_words():
    with pytest.raises(ValueError, match="no such network"):
        GridSearchCV(nn.Classifier(broken), {"units": [1]}, cv=2).fit(X, Y)


def test_a_journal_does_not_know_what_a_function_builds(tmp_path):
    search = GridSearchCV(classifier(), {"units": [2, 3]}, cv=2, journal=tmp_path / "j")
    with pytest.raises(ValueError, match="over a Classifier has no journal"):
        search.fit(X, Y)
    assert not (tmp_path / "j").exists()
