"""Demonstrations: figures beside the lectures', other libraries' and formulas; every picture."""

import subprocess
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.signal import correlate
from sklearn.datasets import load_iris
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

import skarma
from skarma import _native, autodiff, demos

matplotlib.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
rng = np.random.RandomState(0)


# ---- functions


@pytest.mark.parametrize("name", demos.FUNCTIONS)
def test_gradients_are_those_of_automatic_differentiation(name):
    function = demos.FUNCTIONS[name]
    for point in rng.uniform(-2, 2, (5, 2)):
        x = autodiff.Variable(point)
        function.value(x).backward()
        np.testing.assert_allclose(function.slope(point), x.grad, rtol=1e-12, atol=1e-12)
        assert float(function.value(point)) == pytest.approx(function.value(x).value)


@pytest.mark.parametrize("name", demos.FUNCTIONS)
def test_minima_are_minima(name):
    function = demos.FUNCTIONS[name]
    for minimum in function.minima:
        np.testing.assert_allclose(function.slope(minimum), 0, atol=1e-12)
        around = [function.value(np.array(minimum) + 1e-3 * d) for d in rng.randn(20, 2)]
        assert min(map(float, around)) > float(function.value(np.array(minimum)))


def test_a_function_without_a_gradient_is_differentiated():
    function = demos.Function("mine", lambda x: autodiff.sin(x[0]) * x[1] + (x * x).sum())
    np.testing.assert_allclose(function.slope([0.5, 2]), [np.cos(0.5) * 2 + 1, np.sin(0.5) + 4])
    np.testing.assert_array_equal(demos.Function("0", lambda x: 0 * x.sum()).slope([1, 2]), 0)
    constant = demos.Function("3", lambda x: autodiff.Variable(3.0))
    np.testing.assert_array_equal(constant.slope([1, 2]), 0)
    with pytest.raises(TypeError, match="'mine' does not go through skarma.autodiff"):
        demos.Function("mine", lambda x: 1.0).slope([1])


# ---- paths


def network_steps(rule, n_steps):
    """The same rule in a network whose loss is half the square of its one weight."""
    X, y = np.array([[1.0], [-1.0]]), np.zeros(2)
    network = skarma.MLPRegressor(
        hidden_layer_sizes=(), solver=rule.solver, learning_rate_init=rule.learning_rate, alpha=0,
        batch_size=2, tol=0, n_iter_no_change=np.inf, weight_decay=rule.weight_decay,
        coefs_init=[[[1.0]]], intercepts_init=[[0.0]], momentum=rule.momentum,
        nesterovs_momentum=rule.nesterovs_momentum, max_iter=1,
    )  # fmt: skip
    steps = [network.set_params(max_iter=n).fit(X, y).coefs_[0][0, 0] for n in range(1, n_steps)]
    return [1.0, *steps]


@pytest.mark.parametrize("solver", _native.update_rule_names())
@pytest.mark.parametrize("settings", [{}, {"weight_decay": 0.5, "momentum": 0.5}], ids=str)
def test_rules_step_as_networks_are_trained(solver, settings):
    rule = demos.Rule(solver, 0.1, **settings)
    path = demos.optimizer_paths(demos.quadratic([[1.0]]), [rule], max_steps=8).paths[0]
    np.testing.assert_allclose(path.points[:, 0], network_steps(rule, 9), rtol=1e-14)
    np.testing.assert_allclose(path.values, path.points[:, 0] ** 2 / 2, rtol=1e-14)


def test_names_of_momentum():
    line = demos.quadratic([[1.0]])
    expected = {"gd": 0.729, "momentum": 0.486, "nesterov": 0.327321, "sgd": 0.327321}
    paths = demos.optimizer_paths(line, list(expected), max_steps=3)
    for name, end in expected.items():
        assert paths[name].points[-1, 0] == pytest.approx(end, rel=1e-12)


def test_every_solver_of_the_networks_is_a_rule():
    solvers = skarma.MLPRegressor._parameter_constraints["solver"][0].options
    assert set(_native.update_rule_names()) | {"lbfgs", "lm"} == solvers
    everything = [*_native.update_rule_names(), "lbfgs"]
    paths = demos.optimizer_paths("rosenbrock", everything, max_steps=3, learning_rate=1e-3)
    for path in paths.paths:
        assert path.n_steps == 3 and path.points.shape == (4, 2)
        assert not np.array_equal(path.points[1], path.points[0])


def test_the_stop_rule_waits_where_rprop_stands_still_for_a_step():
    path = demos.optimizer_paths("quadratic", ["rprop"], epsilon=1e-10, max_steps=500).paths[0]
    assert path.reason == "converged" and path.values[-1] < 1e-8
    assert (np.diff(path.values) == 0).any()
    rests = demos.optimizer_paths("quadratic", ["gd"], [0, 0], epsilon=1e-10).paths[0]
    assert rests.reason == "converged" and rests.n_steps == 1


COUNTS = {
    ("quadratic", 0.22): 45,
    ("quadratic", 0.63): 13,
    ("quadratic", 0.9): 51,
    ("quadratic", 1.05): None,
    ("ill_conditioned", 0.0198): 589,
    ("ill_conditioned", 0.01): 918,
    ("ill_conditioned", 0.63): None,
    ("log_valley", 0.22): 1823,
    ("log_valley", 0.63): 677,
    ("log_valley", 0.95): 459,
}


@pytest.mark.parametrize(("function", "rate"), COUNTS)
def test_steps_until_the_stop_rule(function, rate):
    path = demos.optimizer_paths(
        function, ["gd"], learning_rate=rate, epsilon=1e-10, max_steps=5000
    ).paths[0]
    if COUNTS[function, rate] is None:
        assert path.reason == "diverged" and not path.values[-1] < 1e10
    else:
        assert (path.reason, path.n_steps) == ("converged", COUNTS[function, rate])
        assert abs(path.values[-1] - path.values[-2]) < 1e-10 <= path.values[-3] - path.values[-2]


def test_lbfgs_goes_down_rosenbrocks_valley_as_scipys():
    path = demos.optimizer_paths("rosenbrock", ["lbfgs"], max_steps=200).paths[0]
    function = demos.FUNCTIONS["rosenbrock"]
    theirs = minimize(
        lambda x: float(function.value(x)), function.start, jac=function.slope, method="L-BFGS-B"
    )
    assert path.reason == "converged"
    np.testing.assert_allclose(path.points[-1], [1, 1], atol=1e-4)
    assert abs(path.n_steps - theirs.nit) <= 4
    assert (np.diff(path.values) < 0).all()
    short = demos.optimizer_paths("rosenbrock", ["lbfgs"], max_steps=7).paths[0]
    assert (short.n_steps, short.reason) == (7, "max_steps")
    np.testing.assert_array_equal(short.points, path.points[:8])


def test_a_start_of_ones_own_in_more_dimensions():
    h = np.diag([1.0, 2.0, 3.0])
    path = demos.optimizer_paths(demos.quadratic(h), ["gd"], [3.0, 2.0, 1.0], max_steps=4).paths[0]
    np.testing.assert_allclose(path.points[4], (1 - 0.1 * np.diag(h)) ** 4 * [3, 2, 1])
    with pytest.raises(ValueError, match="two dimensions"):
        demos.OptimizerPaths(demos.quadratic(h), (path,)).plot()


def test_wrong_askings_of_paths():
    paths = demos.optimizer_paths
    for message, action in {
        "no function 'bowl': there are quadratic, ill_cond": lambda: paths("bowl", ["gd"]),
        "no rule 'lm': there are sgd, adam": lambda: paths("saddle", ["lm"]),
        "list of one rule or more. Got 'gd'": lambda: paths("saddle", "gd"),
        "list of one rule or more. Got []": lambda: paths("saddle", []),
        "rate must be above 0, got -1": lambda: paths("saddle", ["gd"], learning_rate=-1),
        "max_steps must be at least 1. Got 0": lambda: paths("saddle", ["gd"], max_steps=0),
        "epsilon must not be negative. Got -1": lambda: paths("saddle", ["gd"], epsilon=-1),
        "list of finite numbers. Got [1, nan]": lambda: paths("saddle", ["gd"], [1, np.nan]),
        "'f' has no start of its own": lambda: paths(demos.Function("f", lambda x: x[0]), ["gd"]),
        "matrix must be symmetric, got [[1": lambda: demos.quadratic([[1, 2], [3, 4]]),
    }.items():
        with pytest.raises(ValueError) as error:
            action()
        assert message in str(error.value)
    with pytest.raises(KeyError, match="there are paths of gd"):
        paths("saddle", ["gd"])["adam"]


# ---- linear models


def test_conditioning():
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    matrix = turn @ np.diag([1.0, 4.0, 10.0]) @ turn.T
    figures = demos.conditioning((matrix + matrix.T) / 2)
    np.testing.assert_allclose(figures.eigenvalues, [1, 4, 10], rtol=1e-12)
    assert figures.condition_number == pytest.approx(10)
    assert figures.largest_rate == pytest.approx(0.2)
    assert figures.best_rate == pytest.approx(2 / 11)
    assert figures.converged.all()
    fastest = figures.learning_rates[figures.n_steps.argmin()]
    assert abs(fastest - figures.best_rate) < 0.01
    around = demos.conditioning([[1, 0], [0, 2]], [0.99, 1.01], max_steps=5000)
    assert around.converged.tolist() == [True, False]
    with pytest.raises(ValueError, match="has the eigenvalue -1, which is not above 0"):
        demos.conditioning([[1, 0], [0, -1]])


def test_a_line_comes_as_the_linear_recursion_says():
    x, y = rng.uniform(size=30), rng.standard_normal(30)
    A = np.column_stack([x, np.ones(30)])
    best, shrink = np.linalg.lstsq(A, y, rcond=None)[0], np.eye(2) - 0.3 * 2 * A.T @ A / 30
    path = demos.line_fit(x, y, learning_rate=0.3, max_steps=50, start=(1, 2)).path
    for step in (0, 1, 7, 50):
        expected = best + np.linalg.matrix_power(shrink, step) @ ([1, 2] - best)
        np.testing.assert_allclose(path.points[step], expected, rtol=1e-10)
        assert path.values[step] == pytest.approx(((A @ expected - y) ** 2).mean())
    with pytest.raises(ValueError, match=r"lists of one length, got \(2,\) and \(3,\)"):
        demos.line_fit([1, 2], [1, 2, 3])


def test_ridge_is_scikit_learns():
    X, y = rng.standard_normal((40, 4)), rng.standard_normal(40)
    fit = demos.ridge_fit(X, y, 0.2)
    theirs = Ridge(alpha=2 * 40 * 0.2, fit_intercept=False, tol=1e-12).fit(X, y).coef_
    np.testing.assert_allclose(fit.closed_form, theirs, rtol=1e-9)
    np.testing.assert_allclose(fit.path.points[-1], theirs, rtol=1e-9)
    w = autodiff.Variable(rng.standard_normal(4))
    residual = X @ w - y
    ((residual @ residual) / 80 + 0.2 * (w @ w)).backward()
    np.testing.assert_allclose(fit.objective.slope(w.value), w.grad, rtol=1e-12)
    with pytest.raises(ValueError, match="a number for each of its rows"):
        demos.ridge_fit(X, y[1:])


# ---- networks


def test_a_perceptron_separates_what_a_line_can():
    X = np.vstack([rng.standard_normal((20, 2)), rng.standard_normal((20, 2)) + 5])
    y = np.repeat([0, 1], 20)
    fit = demos.perceptron(X, y)
    assert fit.converged and fit.n_mistakes[-1] == 0
    np.testing.assert_array_equal(fit.predict(X), y)
    assert fit.n_mistakes.sum() == len(fit.weights) - 1
    samples = {tuple(row) for row in np.round(np.column_stack([X, np.ones(40)]), 9)}
    for step in np.diff(fit.weights, axis=0):
        assert tuple(np.round(step * step[-1], 9)) in samples  # added or taken away: its 1 says
    for labels, ends in (([0, 0, 0, 1], True), ([0, 1, 1, 1], True), (demos.XOR, False)):
        gate = demos.perceptron(demos.CORNERS, labels, max_epochs=50)
        assert gate.converged == ends == (gate.predict(demos.CORNERS) == labels).all()
        assert len(gate.n_mistakes) <= 50
    with pytest.raises(ValueError, match=r"Labels must be 0 and 1, got \[-1, 1\]"):
        demos.perceptron(demos.CORNERS, [-1, 1, 1, -1])
    with pytest.raises(ValueError, match=r"a label for each of X's rows, got \(3,\)"):
        demos.perceptron(demos.CORNERS, [0, 1, 1])
    with pytest.raises(ValueError, match="max_epochs must be at least 1, got 0"):
        demos.perceptron(demos.CORNERS, [0, 1, 1, 1], max_epochs=0)


def test_xor_network():
    fit = demos.xor_network((4,), "tanh", random_state=1)
    i, j = 10, 40
    there = fit.network.predict_proba([[fit.axis[j], fit.axis[i]]])[0, 1]
    assert fit.probabilities[i, j] == pytest.approx(there)
    assert fit.accuracy == fit.network.score(demos.CORNERS, demos.XOR)
    assert demos.xor_network((1,), solver="adam", max_iter=2).network.solver == "adam"


@pytest.mark.parametrize("seed", [0, 1])
def test_the_net_by_hand_is_a_network_of_ours(seed):
    """Half the squared error has half the gradient, so its learning rate is twice as large."""
    by_hand = demos.net_by_hand(n_epochs=60, random_state=seed)
    first, first_bias, last, last_bias = by_hand.initial
    network = skarma.MLPClassifier(
        (2,), "logistic", loss="squared_error", solver="sgd", learning_rate_init=0.2, momentum=0,
        batch_size=1, alpha=0, max_iter=60, tol=0, n_iter_no_change=100, shuffle=False,
        coefs_init=[first, last[:, None]], intercepts_init=[first_bias, last_bias.reshape(1)],
    ).fit(demos.PEOPLE, demos.WOMEN)  # fmt: skip
    ours = [*network.coefs_, *network.intercepts_]
    shapes = [by_hand.final[0], by_hand.final[2], by_hand.final[1], by_hand.final[3]]
    for a, b in zip(ours, shapes, strict=True):
        np.testing.assert_allclose(a.ravel(), b.ravel(), rtol=1e-9)
    p = network.predict_proba(demos.PEOPLE)[:, 1]
    np.testing.assert_allclose(by_hand.predict(demos.PEOPLE), p, rtol=1e-9)
    assert by_hand.losses[-1] == pytest.approx(((p - demos.WOMEN) ** 2).mean())
    assert by_hand.n_parameters == 9 and len(by_hand.losses) == 61
    with pytest.raises(ValueError, match="X must have two columns"):
        demos.net_by_hand(np.zeros((4, 3)))


def test_gradients_of_layers_are_scikit_learns():
    X, y = load_iris(return_X_y=True)
    figures = demos.vanishing_gradients(X, y, ["tanh", "relu"], hidden_layer_sizes=(8, 7))
    for activation, row in zip(figures.activations, figures.gradients, strict=True):
        theirs = SklearnMLPClassifier(
            (8, 7), activation, solver="sgd", momentum=0, alpha=0, batch_size=150, max_iter=1,
            random_state=0, learning_rate_init=1e-300,
        )  # fmt: skip
        before = theirs.fit(X, y).coefs_
        after = theirs.set_params(learning_rate_init=1.0).fit(X, y).coefs_
        expected = [np.sqrt(((a - b) ** 2).mean()) for a, b in zip(before, after, strict=True)]
        np.testing.assert_allclose(row, expected, rtol=1e-9)
    np.testing.assert_array_equal(figures.ratios, figures.gradients[:, 2] / figures.gradients[:, 0])


# ---- convolution


def test_convolutions_are_sums_of_products():
    f, g = rng.standard_normal(9), rng.standard_normal(4)
    made = demos.convolve_sequence(f, g)
    full = [
        sum(f[n - m] * g[m] for m in range(4) if 0 <= n - m < 9) for n in range(len(f) + len(g) - 1)
    ]
    np.testing.assert_allclose(made.full, full)
    np.testing.assert_allclose(made.valid, full[3:9])
    assert len(made.same) == 9 and made.same[2] == pytest.approx(made.valid[0])
    for kernel in ([], np.ones(10), np.ones((2, 2))):
        with pytest.raises(ValueError, match="not longer than the signal"):
            demos.convolve_sequence(f, kernel)


@pytest.mark.parametrize("stride", [1, 2])
def test_filters_are_scipys(stride):
    image, filters = rng.standard_normal((8, 9, 3)), rng.standard_normal((4, 3, 2, 3))
    made = demos.filter_image(image, filters, stride)
    theirs = [correlate(image, one, "valid")[::stride, ::stride, 0] for one in filters]
    np.testing.assert_allclose(made.responses, np.stack(theirs, axis=-1), rtol=1e-12)
    size = [demos.output_size(n, k, stride) for n, k in ((8, 3), (9, 2))]
    assert made.responses.shape == (*size, 4)
    assert made.n_parameters == 4 * (3 * 2 * 3 + 1)
    with pytest.raises(ValueError, match="do not go together"):
        demos.filter_image(image, filters[..., :2])
    with pytest.raises(ValueError, match="A filter of 3 does not fit into 2"):
        demos.filter_image(np.zeros((2, 2)), np.ones((3, 3)))


def test_sizes():
    assert demos.output_size(7, 3, padding=1) == 7
    assert demos.output_size(8, 3, stride=2) == 3  # the last column is not reached
    for wrong in ((0, 1), (3, 0), (3, 1, 0), (3, 1, 1, -1)):
        with pytest.raises(ValueError, match="at least"):
            demos.output_size(*wrong)


def test_pooling_and_the_way_back():
    image = rng.permutation(35).reshape(5, 7).astype(float)
    for size, stride in ((2, None), (3, 1), (2, 3)):
        pooling, step = demos.max_pool(image, size, stride), stride or size
        for (i, j), value in np.ndenumerate(pooling.pooled):
            assert value == image[i * step : i * step + size, j * step : j * step + size].max()
        np.testing.assert_array_equal(image[pooling.rows, pooling.columns], pooling.pooled)
        cotangent = rng.standard_normal(pooling.pooled.shape)
        back = pooling.backward(cotangent)
        for index in np.ndindex(image.shape):
            moved = image.copy()
            moved[index] += 1e-3
            change = (demos.max_pool(moved, size, stride).pooled - pooling.pooled) * cotangent
            assert back[index] == pytest.approx(change.sum() / 1e-3, abs=1e-9)
    with pytest.raises(ValueError, match=r"two axes, got the shape \(4,\)"):
        demos.max_pool(np.zeros(4))


# ---- pictures

SAMPLES = rng.standard_normal((12, 2)) + 3 * np.repeat([0, 1], 6)[:, None]
PICTURES = {
    "paths": lambda: demos.optimizer_paths("rosenbrock", ["gd", "lbfgs"], learning_rate=1e-3),
    "paths without a window": lambda: demos.optimizer_paths(
        demos.Function("bowl", lambda x: (x * x).sum()), ["gd"], [1, 2]
    ),
    "conditioning": lambda: demos.conditioning([[1, 0], [0, 5]]),
    "line": lambda: demos.line_fit(SAMPLES[:, 0], SAMPLES[:, 1], learning_rate=0.05),
    "ridge": lambda: demos.ridge_fit(SAMPLES, SAMPLES[:, 0], learning_rate=0.05),
    "perceptron": lambda: demos.perceptron(SAMPLES, np.repeat([0, 1], 6)),
    "xor": demos.xor_network,
    "net by hand": lambda: demos.net_by_hand(n_epochs=5),
    "vanishing gradients": lambda: demos.vanishing_gradients(
        *load_iris(return_X_y=True), hidden_layer_sizes=(4, 4)
    ),
    "sequence": lambda: demos.convolve_sequence(np.arange(40.0), demos.gaussian_kernel()),
    "filters": lambda: demos.filter_image(rng.rand(9, 9), demos.HORIZONTAL_LINES),
    "several filters": lambda: demos.filter_image(rng.rand(9, 9, 2), rng.randn(5, 3, 3, 2)),
    "pooling": lambda: demos.max_pool(rng.rand(4, 4)),
}


def test_every_demonstration_has_a_picture():
    made = {type(make()) for make in PICTURES.values()}
    plotted = {kind for kind in vars(demos).values() if hasattr(kind, "plot")}
    assert made == plotted


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name, tmp_path):
    thing, settings = PICTURES[name](), dict(matplotlib.rcParams)
    plt.close("all")
    figure, (left, right) = plt.subplots(1, 2)
    plt.sca(left)
    assert thing.plot(ax=right) is right
    assert right.has_data() and not left.has_data()
    assert len(plt.get_fignums()) == 1
    plt.close("all")
    ax = thing.plot()
    assert ax is plt.gca()
    spines = [ax.spines[side].get_visible() for side in ("top", "left")]
    assert spines == [False, True]  # the house's style
    ax.figure.savefig(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 5_000
    plt.close("all")
    assert dict(matplotlib.rcParams) == settings


def test_matplotlib_is_imported_for_pictures_alone():
    code = "import sys, skarma.demos; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
