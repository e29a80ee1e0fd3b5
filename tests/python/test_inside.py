"""What is inside a network: its summary, derivatives by its inputs; layers that stay; starts."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_regression
from sklearn.exceptions import NotFittedError

import skarma
from skarma import MLPClassifier, MLPRegressor
from skarma._sklearn_networks import OWN_SOLVERS
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)
RNG = np.random.default_rng(0)
NUMBERS = np.column_stack([X @ [1.0, -1.0, 0.5, 2.0], np.abs(X[:, 0])])
ACTIVATIONS = ["identity", "logistic", "tanh", "gelu", "gelu_tanh", "silu", "mish"]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def classifier(**parameters):
    defaults = {"hidden_layer_sizes": (6, 6), "random_state": 1, "max_iter": 15}
    return MLPClassifier(**(defaults | {"learning_rate_init": 0.02} | parameters))


def regressor(**parameters):
    defaults = {"hidden_layer_sizes": (6, 6), "random_state": 1, "max_iter": 15}
    return MLPRegressor(**(defaults | {"learning_rate_init": 0.02} | parameters))


# ---- derivatives by the inputs


def central_differences(function, x):
    """Of a function of samples, one number each, by their features."""
    step = 1e-5
    columns = []
    for j in range(x.shape[1]):
        up, down = x.copy(), x.copy()
        up[:, j] += step
        down[:, j] -= step
        columns.append((function(up) - function(down)) / (2 * step))
    return np.column_stack(columns)


def losses_of(model, y):
    """Each sample's loss, by the predictions."""

    def of_labels(x):
        return -np.log(model.predict_proba(x)[np.arange(len(x)), y])

    def of_numbers(x):
        p = model.predict(x).reshape(len(x), -1)
        t = np.asarray(y).reshape(len(x), -1)
        size = np.abs(p - t)
        return {
            "squared_error": lambda: (size**2 / 2).mean(axis=1),
            "poisson": lambda: (p - t * np.log(p)).sum(axis=1),
            "huber": lambda: np.where(size > 1, size - 0.5, size**2 / 2).sum(axis=1),
            "absolute_error": lambda: size.sum(axis=1),
            "log_cosh": lambda: np.log(np.cosh(size)).sum(axis=1),
        }[model.loss]()

    return of_labels if isinstance(model, MLPClassifier) else of_numbers


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(
    "layers",
    [
        {},
        {"batch_norm": True},
        {"residual": True, "dropout": 0.5},
        {"layer_norm": True, "noise": 0.5, "dropout": [0.5, 0.1, 0.0]},
    ],
    ids=str,
)
def test_gradients_of_the_log_loss_are_central_differences(activation, layers):
    for y in (Y, (Y > 0).astype(int)):
        model = classifier(activation=activation, **layers).fit(X, y)
        expected = central_differences(losses_of(model, y), X)
        np.testing.assert_allclose(model.input_gradient(X, y), expected, rtol=1e-6, atol=1e-8)


LOSSES = ["squared_error", "poisson", "huber", "absolute_error", "log_cosh"]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("y", [NUMBERS, np.abs(NUMBERS[:, 0])], ids=["two", "one"])
def test_gradients_of_losses_of_numbers_are_central_differences(loss, y):
    y = np.abs(y)
    model = regressor(loss=loss, activation="tanh").fit(X, y)
    expected = central_differences(losses_of(model, y), X)
    np.testing.assert_allclose(model.input_gradient(X, y), expected, rtol=1e-6, atol=1e-8)


def test_gradients_are_of_each_sample_alone_and_of_any_storage():
    from scipy.sparse import csr_matrix

    many = np.tile(X, (20, 1))
    model = classifier().fit(X, Y)
    whole = model.input_gradient(many, np.tile(Y, 20))
    np.testing.assert_allclose(whole[150:300], model.input_gradient(X, Y), rtol=1e-12)
    np.testing.assert_allclose(
        model.input_gradient(csr_matrix(X), Y), model.input_gradient(X, Y), rtol=1e-12
    )
    labels = np.eye(3, dtype=int)[Y]
    several = classifier().fit(X, labels)
    assert several.input_gradient(X, labels).shape == X.shape
    narrow = classifier().fit(X.astype(np.float32), Y)
    assert narrow.input_gradient(X.astype(np.float32), Y).dtype == np.float32


def test_a_step_along_the_gradient_fools_the_network():
    """E81: adversarial samples."""
    model = classifier(hidden_layer_sizes=(20,), activation="tanh", max_iter=200).fit(X, Y)
    assert model.score(X, Y) > 0.95
    adversarial = X + 0.7 * np.sign(model.input_gradient(X, Y))
    assert model.score(adversarial, Y) < 0.7


def test_integrated_gradients_are_complete_and_exact_for_linear_networks():
    model = classifier(activation="tanh").fit(X, Y)
    added = model.integrated_gradients(X, baseline=X.mean(axis=0), n_steps=200)
    here = model.predict_proba(X).max(axis=1)
    there = model.predict_proba(X.mean(axis=0)[None])[0, model.predict(X)]
    np.testing.assert_allclose(added.sum(axis=1), here - there, atol=1e-4)
    one = model.integrated_gradients(X, np.zeros(len(X), dtype=int), n_steps=200)
    change = model.predict_proba(X)[:, 0] - model.predict_proba(np.zeros((1, 4)))[0, 0]
    np.testing.assert_allclose(one.sum(axis=1), change, atol=1e-4)
    linear = regressor(hidden_layer_sizes=()).fit(X, NUMBERS)
    for output in (0, 1):
        exact = X * linear.coefs_[0][:, output]
        added = linear.integrated_gradients(X, output, n_steps=1)
        np.testing.assert_allclose(added, exact, rtol=1e-12, atol=1e-14)


def test_two_classes_are_told_apart():
    y = (Y > 0).astype(int)
    model = classifier(activation="tanh").fit(X, y)
    one = model.integrated_gradients(X, np.ones(len(X), dtype=int))
    np.testing.assert_array_equal(model.integrated_gradients(X, np.zeros(len(X), dtype=int)), -one)
    change = model.predict_proba(X)[:, 1] - model.predict_proba(np.zeros((1, 4)))[0, 1]
    np.testing.assert_allclose(one.sum(axis=1), change, atol=1e-3)
    positive = regressor(loss="poisson", activation="tanh").fit(X, np.abs(NUMBERS[:, 0]))
    change = positive.predict(X) - positive.predict(np.zeros((1, 4)))
    added = positive.integrated_gradients(X, n_steps=500)
    np.testing.assert_allclose(added.sum(axis=1), change, rtol=1e-3, atol=1e-3)


def test_wrong_questions_are_refused():
    model = classifier().fit(X, Y)
    with pytest.raises(NotFittedError):
        classifier().input_gradient(X, Y)
    with pytest.raises(NotFittedError):
        classifier().integrated_gradients(X)
    with pytest.raises(ValueError, match="X has 2 features"):
        model.input_gradient(X[:, :2], Y)
    with pytest.raises(ValueError, match="classes that y does not have"):
        model.input_gradient(X, Y + 1)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.input_gradient(X, Y[1:])
    with pytest.raises(ValueError, match="n_steps must be an int of at least 1"):
        model.integrated_gradients(X, n_steps=0)
    with pytest.raises(ValueError, match="The baseline has 3 numbers for 4 features"):
        model.integrated_gradients(X, baseline=[0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="baseline must be finite"):
        model.integrated_gradients(X, baseline=np.nan)
    with pytest.raises(ValueError, match="There is no output 2: there are 2"):
        regressor().fit(X, NUMBERS).integrated_gradients(X, 2)
    several = classifier().fit(X, np.eye(3, dtype=int)[Y])
    with pytest.raises(ValueError, match="not of several labels at once"):
        several.integrated_gradients(X)


# ---- the summary


def test_a_summary_counts_parameters():
    model = classifier(hidden_layer_sizes=(5, 5), batch_norm=True, residual=True, dropout=0.1)
    summary = model.fit(X, Y).summary()
    assert [layer.name for layer in summary.layers] == [
        "input",
        *("dense_1", "batch_norm_1", "relu_1", "dropout_1"),
        *("dense_2", "batch_norm_2", "relu_2", "dropout_2", "add_1"),
        *("dense_3", "softmax"),
    ]
    assert [layer.n_parameters for layer in summary.layers] == [
        *(0, 25, 20, 0, 0, 30, 20, 0, 0, 0, 18, 0)
    ]
    assert summary.layers[1].output_shape == (None, 5)
    n_weights = sum(a.size for a in (*model.coefs_, *model.intercepts_))
    assert summary.n_parameters == n_weights + sum(a.size for a in model.batch_norms_)
    # Biases before a normalisation are not trained, and neither are moving statistics.
    assert summary.n_trained == summary.n_parameters - 2 * 5 - 2 * 10
    other = classifier(
        hidden_layer_sizes=(5, 4),
        activation=["selu", "maxout(3)"],
        layer_norm=True,
        dropout=[0.1, 0.2, 0],
        noise=0.1,
    ).fit(X, Y)
    layers = other.summary().layers
    assert [(layer.name, layer.n_parameters, layer.n_trained) for layer in layers] == [
        *(("input", 0, 0), ("noise_1", 0, 0), ("dropout_1", 0, 0)),
        *(("dense_1", 25, 25), ("layer_norm_1", 10, 10), ("selu_1", 0, 0)),
        *(("alpha_dropout_1", 0, 0), ("dense_2", 72, 72), ("layer_norm_2", 24, 24)),
        *(("maxout_1", 0, 0), ("dense_3", 15, 15), ("softmax", 0, 0)),
    ]
    assert [a.shape for a in other.layer_norms_] == [(2, 5), (2, 12)]
    text = repr(summary).splitlines()
    assert text[0].split() == ["layer", "output", "shape", "parameters", "trained"]
    assert text[2].split() == ["dense_1", "(n_samples,", "5)", "25", "20"]
    assert text[-1].split() == ["all", str(summary.n_parameters), str(summary.n_trained)]
    assert len({len(line) for line in text}) == 1
    pytest.importorskip("pandas")
    assert summary.to_frame().loc["dense_3", "n_parameters"] == 18
    with pytest.raises(NotFittedError):
        classifier().summary()


# ---- layers that stay


@pytest.mark.parametrize("device", ["cpu", "reference"])
@pytest.mark.parametrize("solver", sorted({"lbfgs", "sgd", "adam", *OWN_SOLVERS} - {"lm"}))
def test_frozen_layers_are_bit_equal(solver, device):
    model = classifier(warm_start=True, alpha=0.1).fit(X, Y)
    before = [a.copy() for a in (*model.coefs_, *model.intercepts_)]
    model.set_params(solver=solver, device=device, freeze=[0, 2])
    model.fit(X, Y)
    after = (*model.coefs_, *model.intercepts_)
    changed = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert changed == [False, True, False] * 2
    assert model.summary().n_trained == model.coefs_[1].size + model.intercepts_[1].size


def test_devices_agree_about_frozen_layers():
    for solver in ("adam", "lbfgs"):
        models = []
        for device in ("cpu", "reference"):
            model = classifier(warm_start=True, activation="tanh", alpha=0.1).fit(X, Y)
            model.set_params(solver=solver, device=device, freeze=[1]).fit(X, Y)
            models.append(model)
        np.testing.assert_allclose(models[0].coefs_[0], models[1].coefs_[0], rtol=1e-6)
        assert models[0].loss_ == pytest.approx(models[1].loss_, rel=1e-9)


def test_what_is_not_frozen_is_trained_as_a_network_on_its_features():
    """E82: a pre-trained net as feature extractor; only its last layer is trained."""
    model = classifier(activation="tanh", alpha=0.0, warm_start=True).fit(X, Y)
    features = np.tanh(np.tanh(X @ model.coefs_[0] + model.intercepts_[0]) @ model.coefs_[1]
                       + model.intercepts_[1])  # fmt: skip
    head = classifier(hidden_layer_sizes=(), alpha=0.0, warm_start=True, max_iter=1)
    head.fit(features, Y)
    head.coefs_, head.intercepts_ = [model.coefs_[2].copy()], [model.intercepts_[2].copy()]
    options = {"max_iter": 30, "shuffle": False, "tol": 0.0}
    head.set_params(**options).fit(features, Y)
    model.set_params(freeze=[0, 1], **options).fit(X, Y)
    np.testing.assert_allclose(model.coefs_[2], head.coefs_[0], rtol=1e-9)


def test_layers_are_frozen_in_partial_fit_searches_and_files(tmp_path):
    model = classifier().fit(X, Y).set_params(freeze=[0])
    before = model.coefs_[0].copy()
    model.partial_fit(X, Y, n_epochs=3)
    np.testing.assert_array_equal(model.coefs_[0], before)
    model.save(tmp_path / "model")
    loaded = skarma.load(tmp_path / "model")
    assert list(loaded.freeze) == [0]
    loaded.partial_fit(X, Y)
    np.testing.assert_array_equal(loaded.coefs_[0], before)
    search = GridSearchCV(classifier(), {"freeze": [(), [0], [0, 1]], "n_init": [1, 2]}, cv=2)
    assert search.fit(X, Y).search_path_ == "native"
    assert len(set(search.cv_results_["mean_test_score"])) > 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"freeze": [3]}, r"some, and not all, of the layers of weights 0 ... 2. Got \[3\]"),
        ({"freeze": [0, 1, 2]}, "some, and not all, of the layers of weights 0 ... 2"),
        ({"freeze": [0], "batch_norm": True}, r"must be \(\) where batch_norm is True"),
    ],
)
def test_layers_that_cannot_be_frozen_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        classifier(**parameters).fit(X, Y)


# ---- several starts


@pytest.mark.parametrize("solver", ["lbfgs", "adam"])
def test_the_best_of_several_starts_is_kept(solver):
    """E38: the starts of one generator, and the lowest loss among them."""
    generator = np.random.RandomState(3)
    alone = [classifier(solver=solver, random_state=generator).fit(X, Y) for _ in range(5)]
    best = min(alone, key=lambda model: model.loss_)
    model = classifier(solver=solver, random_state=3, n_init=5).fit(X, Y)
    np.testing.assert_array_equal(model.coefs_[0], best.coefs_[0])
    assert model.loss_ == best.loss_ < alone[0].loss_
    assert model.get_params()["n_init"] == 5
    assert model.history_.n_epochs == best.n_iter_
    # The generator goes on behind the last start.
    shared = np.random.RandomState(3)
    classifier(solver=solver, random_state=shared, n_init=5).fit(X, Y)
    assert shared.randint(10**6) == generator.randint(10**6)


def test_with_early_stopping_the_best_score_is_kept():
    generator = np.random.RandomState(3)
    options = {"early_stopping": True, "max_iter": 60, "early_stopping_metric": "loss"}
    extras = {"X_val": X[::2], "y_val": Y[::2]}
    alone = [
        classifier(random_state=generator, **options).fit(X[1::2], Y[1::2], **extras)
        for _ in range(4)
    ]
    model = classifier(random_state=3, n_init=4, **options).fit(X[1::2], Y[1::2], **extras)
    assert model.best_validation_score_ == max(m.best_validation_score_ for m in alone)


def test_a_start_that_diverges_is_passed_over():
    x, y = make_regression(200, 5, random_state=0)
    options = {"solver": "sgd", "momentum": 0.0, "max_iter": 60, "n_iter_no_change": 100}
    options |= {"activation": "identity", "hidden_layer_sizes": (3,)}
    generator = np.random.RandomState(0)
    losses = []
    for _ in range(12):
        model = regressor(random_state=generator, **options).set_params(learning_rate_init=9e-3)
        try:
            losses.append(model.fit(x, y).loss_)
        except ValueError:
            losses.append(np.inf)
    assert 0 < np.isfinite(losses).sum() < 12
    model = regressor(random_state=0, n_init=12, **options).set_params(learning_rate_init=9e-3)
    assert model.fit(x, y).loss_ == min(losses)
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        model.set_params(n_init=3, learning_rate_init=1e-2).fit(x, y)


def test_a_warm_start_and_partial_fit_go_on_from_one():
    model = classifier(n_init=3, warm_start=True).fit(X, Y)
    n_iter = model.n_iter_
    model.fit(X, Y)
    assert model.history_.n_epochs == n_iter + model.n_iter_
    one = classifier(n_init=3).partial_fit(X, Y, classes=[0, 1, 2])
    np.testing.assert_array_equal(
        one.coefs_[0], classifier().partial_fit(X, Y, classes=[0, 1, 2]).coefs_[0]
    )
