"""l1, max_norm, clip_value and clip_norm, held to PyTorch's steps."""

import copy

import numpy as np
import pytest
from pytorch_steps import assert_steps, packed, trajectories
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV as SklearnGridSearchCV
from sklearn.preprocessing import scale

import skarma
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)
X = scale(X)
#: trajectories/make_torch_restraints.py makes it.
TORCH = trajectories("torch_restraints.json")
NAMES = ("l1", "max_norm", "clip_value", "clip_norm")
ALL = {"l1": 0.3, "max_norm": 1.0, "clip_value": 0.1, "clip_norm": 0.2}
SOLVERS = skarma.MLPClassifier._parameter_constraints["solver"][0].options - {"lbfgs", "lm"}

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def small(**settings):
    common = {"hidden_layer_sizes": (6,), "max_iter": 5, "random_state": 0}
    return skarma.MLPClassifier(**common | settings)


def case_name(case):
    own = {name: v for name in NAMES if (v := case["settings"][name])}
    return f"{case['kind']}-{case['settings']['solver']}-{own}"


@pytest.mark.parametrize(
    ("settings", "rtol"),
    [
        ({}, 1e-9),
        ({"device": "reference"}, 1e-9),
        ({"n_threads": 2}, 1e-9),
    ],
    ids=str,
)
@pytest.mark.parametrize("case", TORCH["cases"], ids=case_name)
def test_the_first_hundred_steps_are_pytorchs(case, settings, rtol):
    def has_its_zeros(ours, expected):
        np.testing.assert_array_equal(ours == 0, expected == 0)

    assert_steps(TORCH, case, rtol, has_its_zeros, **settings)


def test_the_trajectories_have_zeros_and_every_restraint():
    zeros = [np.sum(np.array(c["parameters"]["100"]) == 0) for c in TORCH["cases"]]
    assert sum(n > 5 for n in zeros) >= 5
    for name in NAMES:
        assert sum(bool(case["settings"][name]) for case in TORCH["cases"]) >= 3


# ---- what they come to


@pytest.mark.parametrize("solver", sorted(SOLVERS))
def test_l1_makes_exact_zeros_with_every_solver(solver):
    rate = {"adadelta": 1.0, "gd": 0.3}.get(solver, 0.01)
    network = small(solver=solver, l1=5.0, max_iter=300, learning_rate_init=rate, tol=0).fit(X, Y)
    plain = small(solver=solver, max_iter=300, learning_rate_init=rate, tol=0).fit(X, Y)
    assert not any((w == 0).any() for w in plain.coefs_)
    assert sum((w == 0).sum() for w in network.coefs_) >= 5
    assert not any((b == 0).any() for b in network.intercepts_[1:])


def test_l1_solves_the_lasso():
    """A linear network is one: scikit-learn's Lasso minimises ||y - Xw||^2 / 2n + a |w|."""
    from sklearn.datasets import make_regression
    from sklearn.linear_model import Lasso

    x, y = make_regression(60, 8, n_informative=3, noise=5, random_state=0)
    y = (y - y.mean()) / y.std()
    lasso = Lasso(alpha=0.05, tol=1e-12, max_iter=100_000).fit(x, y)
    descent = {"solver": "gd", "learning_rate_init": 0.3, "max_iter": 5000, "tol": 0}
    ours = skarma.MLPRegressor(
        hidden_layer_sizes=(),
        l1=0.05 * 60,
        alpha=0,
        random_state=0,
        n_iter_no_change=np.inf,
        **descent,
    ).fit(x, y)
    np.testing.assert_allclose(ours.coefs_[0][:, 0], lasso.coef_, atol=1e-9)
    np.testing.assert_array_equal(ours.coefs_[0][:, 0] == 0, lasso.coef_ == 0)
    assert (lasso.coef_ == 0).any()


@pytest.mark.parametrize("solver", sorted(SOLVERS))
def test_no_unit_reads_by_more_than_max_norm(solver):
    rate = 1.0 if solver == "adadelta" else 0.05
    network = small(solver=solver, max_norm=0.7, max_iter=60, learning_rate_init=rate).fit(X, Y)
    norms = [np.linalg.norm(w, axis=0) for w in network.coefs_]
    assert all(norm.max() <= 0.7 * (1 + 1e-12) for norm in norms)
    assert any(np.isclose(norm, 0.7).any() for norm in norms)


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_has_penalties_and_no_limits(name):
    weights = np.linspace(0.5, 2, len(X))
    still = {"solver": "gd", "learning_rate_init": 1e-300, "max_iter": 1, "alpha": 0.3}
    plain = small(**still).fit(X, Y, sample_weight=weights)
    own = small(**still, **{name: 0.7}).fit(X, Y, sample_weight=weights)
    l1 = 0.7 * sum(np.abs(w).sum() for w in plain.coefs_) / weights.sum()
    np.testing.assert_allclose(own.loss_, plain.loss_ + (l1 if name == "l1" else 0), rtol=1e-12)


@pytest.mark.parametrize("large", [{"max_norm": 1e9}, {"clip_value": 1e9, "clip_norm": 1e9}])
def test_limits_that_nothing_reaches_change_nothing_but_rounding(large):
    plain, own = small(max_iter=30).fit(X, Y), small(max_iter=30, **large).fit(X, Y)
    np.testing.assert_allclose(packed(own), packed(plain), rtol=1e-9)


def test_clipping_is_of_the_gradient_and_not_of_the_step():
    """A step of gd is rate times a gradient of norm clip_norm."""
    settings = {"solver": "gd", "alpha": 0, "max_iter": 1, "learning_rate_init": 1.0}
    start = packed(small(**settings | {"learning_rate_init": 1e-300}).fit(X, Y))
    step = packed(small(clip_norm=1e-3, **settings).fit(X, Y)) - start
    np.testing.assert_allclose(np.linalg.norm(step), 1e-3, rtol=1e-3)
    step = packed(small(clip_value=1e-3, **settings).fit(X, Y)) - start
    np.testing.assert_allclose(np.abs(step).max(), 1e-3, rtol=1e-9)


# ---- wherever a network is


@pytest.mark.parametrize("name", NAMES)
def test_every_restraint_moves_something_alone(name):
    assert not np.array_equal(
        packed(small(**{name: ALL[name]}).fit(X, Y)), packed(small().fit(X, Y))
    )


def test_threads_and_forms_of_samples_change_no_bit():
    settings = ALL | {"hidden_layer_sizes": (300, 60), "max_iter": 3}
    expected = packed(small(**settings).fit(X, Y))
    np.testing.assert_array_equal(packed(small(n_threads=2, **settings).fit(X, Y)), expected)
    np.testing.assert_allclose(packed(small(**settings).fit(csr_matrix(X), Y)), expected, rtol=1e-9)


def test_partial_fit_takes_those_of_now():
    network = small().partial_fit(X, Y, classes=[0, 1, 2])
    network.set_params(max_norm=0.5).partial_fit(X, Y)
    assert all(np.linalg.norm(w, axis=0).max() <= 0.5 * (1 + 1e-12) for w in network.coefs_)


def test_copies_files_and_grids_keep_them(tmp_path):
    network = small(**ALL).fit(X, Y)
    skarma.save(network, tmp_path / "it.safetensors")
    for twin in (clone(network), skarma.load(tmp_path / "it.safetensors"), copy.copy(network)):
        assert {name: twin.get_params()[name] for name in ALL} == ALL
        np.testing.assert_array_equal(packed(twin.fit(X, Y)), packed(network))
    for name, value in ALL.items():
        grid = {name: [small().get_params()[name], value, 2 * value]}
        ours = GridSearchCV(small(), grid, cv=3).fit(X, Y)
        theirs = SklearnGridSearchCV(small(), grid, cv=3).fit(X, Y)
        assert ours.search_path_ == "native"
        scores = "mean_test_score"
        np.testing.assert_array_equal(ours.cv_results_[scores], theirs.cv_results_[scores])


@pytest.mark.parametrize("name", NAMES)
def test_lbfgs_and_scikit_learns_own_code_refuse_them(name):
    with pytest.raises(ValueError, match=f"The '{name}' parameter of .* where solver is 'lbfgs'"):
        small(solver="lbfgs", **{name: ALL[name]}).fit(X, Y)

    class Changed(skarma.MLPClassifier):
        def _backprop(self, *arguments):
            return super()._backprop(*arguments)

    with pytest.raises(ValueError, match=f"{name}=.* is skarma's own"):
        Changed((6,), max_iter=2, **{name: ALL[name]}).fit(X, Y)
