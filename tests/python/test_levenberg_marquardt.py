"""Solver 'lm': what it comes to, what it is told, and what it declines."""

import warnings

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.sparse import csr_matrix
from sklearn.datasets import load_breast_cancer, load_diabetes, make_friedman1
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV as SklearnSearch
from sklearn.preprocessing import scale

import skarma
from skarma import MLPClassifier, MLPRegressor
from skarma.model_selection import GridSearchCV

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = (scale(part) for part in make_friedman1(150, random_state=0))


def lm(**settings):
    common = {"hidden_layer_sizes": (6,), "activation": "tanh", "solver": "lm", "tol": 1e-9}
    return MLPRegressor(**common | {"random_state": 0, "alpha": 0.01, "max_iter": 100} | settings)


def packed(model):
    return np.concatenate([a.ravel() for a in (*model.coefs_, *model.intercepts_)])


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_linear_network_is_ridge_regression(outputs):
    y = np.c_[Y, X[:, 0] * X[:, 1] + 3][:, :outputs].squeeze()
    model = lm(hidden_layer_sizes=(), alpha=3, tol=1e-12).fit(X, y)
    ridge = Ridge(alpha=3, tol=1e-12).fit(X, y)
    np.testing.assert_allclose(model.coefs_[0].T.squeeze(), ridge.coef_, rtol=1e-8)
    np.testing.assert_allclose(model.intercepts_[0], ridge.intercept_, rtol=1e-8, atol=1e-10)
    assert model.n_iter_ < 20


def test_it_reaches_scipys_minimum():
    """From the same weights, MINPACK's lm on the residuals and the penalty's roots."""
    sizes = [(10, 6), (6, 1)]
    ends = np.cumsum([60, 6, 6, 1])

    def residuals(w):
        first, last = w[: ends[0]].reshape(10, 6), w[ends[0] : ends[1]].reshape(6, 1)
        hidden = np.tanh(X @ first + w[ends[1] : ends[2]])
        errors = (hidden @ last + w[ends[2] :]).ravel() - Y
        return np.concatenate([errors, np.sqrt(0.01) * w[: ends[1]]]) / np.sqrt(len(Y))

    model = lm(max_iter=1000).fit(X, Y)
    assert [a.shape for a in model.coefs_] == sizes
    end = packed(model)
    assert 0.5 * np.sum(residuals(end) ** 2) == pytest.approx(model.loss_, rel=1e-12)
    theirs = least_squares(residuals, end, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15)
    assert theirs.cost == pytest.approx(model.loss_, rel=1e-6)
    start = packed(lm(max_iter=1).fit(X, Y))
    assert model.loss_ <= 1.05 * least_squares(residuals, start, method="lm").cost


@pytest.mark.parametrize("seed", range(4))
def test_tens_of_iterations_do_more_than_a_hundred_of_lbfgs(seed):
    few = lm(max_iter=30, random_state=seed, alpha=1e-4).fit(X, Y)
    many = lm(solver="lbfgs", max_iter=100, random_state=seed, alpha=1e-4).fit(X, Y)
    assert few.n_iter_ == 30
    assert few.loss_ < 0.8 * many.loss_


def test_a_weight_is_a_repetition():
    counts = np.arange(len(X)) % 3
    for solver in ("lm", "lbfgs", "gd"):
        settings = {"solver": solver, "max_iter": 5, "shuffle": False, "tol": 0}
        if solver == "gd":
            # Its batch is all samples, and a step goes by their weights' mean.
            settings |= {"learning_rate_init": 0.1}
        repeated = lm(**settings).fit(np.repeat(X, counts, axis=0), np.repeat(Y, counts))
        weighted = lm(**settings).fit(X, Y, sample_weight=counts)
        np.testing.assert_allclose(packed(weighted), packed(repeated), rtol=1e-6, atol=1e-9)
        assert weighted.loss_ == pytest.approx(repeated.loss_, rel=1e-9)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_is_the_same_on_every_device(dtype):
    models = [lm(device=d, dtype=dtype, max_iter=5).fit(X, Y) for d in ("cpu", "reference")]
    np.testing.assert_array_equal(*map(packed, models))
    assert models[0].coefs_[0].dtype == dtype
    np.testing.assert_allclose(packed(models[0]), packed(lm(max_iter=5).fit(X, Y)), atol=1e-5)


def test_sparse_samples_and_other_types_are_the_same_samples():
    rounded = np.round(X)
    expected = packed(lm(max_iter=5, dtype="float64").fit(rounded, Y))
    for form in (csr_matrix, np.asfortranarray, np.float32):
        model = lm(max_iter=5, dtype="float64").fit(form(rounded), Y)
        np.testing.assert_array_equal(packed(model), expected)


@pytest.mark.parametrize("labels", [2, 3])
def test_probabilities_are_fitted_by_squares(labels):
    y = np.digitize(Y, [0] if labels == 2 else [-0.5, 0.5])
    settings = {"hidden_layer_sizes": (5,), "activation": "tanh", "loss": "squared_error"}
    settings |= {"random_state": 0, "alpha": 0.1, "tol": 1e-7}
    few = MLPClassifier(solver="lm", max_iter=40, **settings).fit(X, y)
    many = MLPClassifier(solver="lbfgs", max_iter=4000, max_fun=10**5, **settings).fit(X, y)
    assert few.loss_ < 1.05 * many.loss_
    assert few.score(X, y) > 0.9


def test_a_classifier_says_which_loss_it_takes():
    with pytest.raises(ValueError, match="another than 'lm' where loss is 'log_loss'"):
        MLPClassifier(solver="lm").fit(X, Y > 0)


def test_too_many_weights_are_declined_before_the_fit():
    model = lm(hidden_layer_sizes=(500,))
    with pytest.raises(ValueError, match=r"more than 5000 .* layers of \[10, 500, 1\] units, has"):
        model.fit(X, Y)
    assert not hasattr(model, "coefs_")


def test_negative_weights_are_declined():
    with pytest.raises(ValueError, match="sample_weight must not be negative"):
        lm().fit(X, Y, sample_weight=-np.ones(len(X)))


def test_partial_fit_is_for_epochs():
    classifier = MLPClassifier(solver="lm", loss="squared_error")
    with pytest.raises(AttributeError, match="partial_fit") as error:
        _ = classifier.partial_fit
    assert "lm is not stochastic" in str(error.value.__cause__)
    with pytest.raises(ValueError, match="lm has no epochs: n_epochs must be 1"):
        lm().partial_fit(X, Y, n_epochs=2)


def test_it_goes_on_where_it_was():
    model = lm(max_iter=10, warm_start=True).fit(X, Y)
    first = model.loss_
    assert model.fit(X, Y).loss_ < first
    whole = lm(max_iter=10).fit(X, Y)
    whole.set_params(solver="lbfgs", warm_start=True).fit(X, Y)
    assert whole.loss_ < first


def test_frozen_layers_stay():
    model = lm(warm_start=True, hidden_layer_sizes=(4, 3)).fit(X, Y)
    before = [a.copy() for a in (*model.coefs_, *model.intercepts_)]
    model.set_params(freeze=[0, 2]).fit(X, -Y)
    after = (*model.coefs_, *model.intercepts_)
    changed = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert changed == [False, True, False] * 2


def test_a_search_is_native_and_as_scikit_learns():
    grid = {"alpha": [0.01, 1.0], "hidden_layer_sizes": [(), (4,)]}
    theirs = SklearnSearch(lm(max_iter=10), grid, cv=3, return_train_score=True).fit(X, Y)
    ours = GridSearchCV(lm(max_iter=10), grid, cv=3, return_train_score=True).fit(X, Y)
    assert ours.search_path_ == "native"
    for key in ("mean_test_score", "mean_train_score"):
        np.testing.assert_allclose(ours.cv_results_[key], theirs.cv_results_[key], rtol=1e-12)


def test_a_saved_network_predicts_the_same(tmp_path):
    model = lm().fit(X, Y)
    skarma.save(model, tmp_path / "lm.skarma")
    loaded = skarma.load(tmp_path / "lm.skarma")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.get_params() == model.get_params()


def test_it_says_how_it_goes_and_ends(capsys):
    with pytest.warns(ConvergenceWarning, match=r"lm failed to converge after 3 iteration\(s\)"):
        model = lm(max_iter=3, verbose=True).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines] == [f"Iteration {n}" for n in (1, 2, 3)]
    assert lines[-1] == f"Iteration 3, loss = {model.loss_:.8f}"
    with pytest.warns(ConvergenceWarning, match="max_fun"):
        lm(max_fun=2).fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert lm(tol=1e-3).fit(X, Y).n_iter_ < 100


def test_its_history_has_a_row_for_each_iteration():
    told = []
    model = lm(max_iter=4).fit(
        X, Y, X_val=X, y_val=Y, callbacks=[lambda fit: told.append(fit.loss)]
    )
    history = model.history_
    assert len(history) == model.n_iter_ == 4
    assert history["loss"][-1] == model.loss_
    assert told == list(history["loss"])
    assert np.all(np.diff(history["loss"]) < 0)
    assert np.all(np.isfinite(history["validation_loss"]))
    assert not hasattr(model, "loss_curve_")


def test_a_callback_ends_it():
    def stop(fit):
        return fit.n_iter == 2

    model = lm().fit(X, Y, callbacks=[stop])
    assert model.n_iter_ == 2
    np.testing.assert_array_equal(packed(model), packed(lm(max_iter=2).fit(X, Y)))


def test_real_data_of_several_kinds():
    x, y = (scale(part) for part in load_diabetes(return_X_y=True))
    assert lm(alpha=5).fit(x, y).score(x, y) > 0.5
    x, y = load_breast_cancer(return_X_y=True)
    model = MLPClassifier((4,), solver="lm", loss="squared_error", alpha=0.1, random_state=0)
    assert model.fit(scale(x), y).score(scale(x), y) > 0.97
