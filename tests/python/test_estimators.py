"""What a user of the Python classes relies on beside scikit-learn's own tests."""

import copy
import inspect
import os
import pickle
import re
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import sklearn
import sklearn.neural_network
from ctrl_c import ctrl_c_after
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_iris, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import ShuffleSplit

import skarma
from skarma import MLPClassifier, MLPRegressor, _native
from skarma._base_mlp import _CLONED_BESIDE_PARAMETERS
from skarma._parameters import INITIAL_WEIGHTS

X, Y = load_iris(return_X_y=True)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize(
    ("estimator", "table"),
    [
        (MLPClassifier, _native.mlp_classifier_parameters()),
        (MLPRegressor, _native.mlp_regressor_parameters()),
    ],
)
def test_the_signature_is_that_of_the_native_table(estimator, table):
    parameters = [
        p for p in inspect.signature(estimator).parameters.values() if p.name not in INITIAL_WEIGHTS
    ]
    assert [p.name for p in parameters] == [row["name"] for row in table]
    for parameter, row in zip(parameters, table, strict=True):
        assert parameter.default == row["default"], parameter.name
        assert row["doc"]


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_defaults_are_scikit_learns(name):
    ours, theirs = (
        {p.name: (repr(p.default), p.kind) for p in inspect.signature(cls).parameters.values()}
        for cls in (getattr(skarma, name), getattr(sklearn.neural_network, name))
    )
    assert list(ours)[: len(theirs)] == list(theirs)
    assert theirs.items() <= ours.items()
    assert ours.keys() - theirs.keys() == {
        *(
            "n_threads",
            "device",
            "dtype",
            "weight_decay",
            "dropout",
            "batch_norm",
            "residual",
            "precision",
            "early_stopping_metric",
            "freeze",
            "n_init",
            "layer_norm",
            "noise",
            "keep_optimizer",
            "init",
            "coefs_init",
            "intercepts_init",
            "l1",
            "max_norm",
            "clip_value",
            "clip_norm",
            "n_members",
        ),
        *(
            ("loss", "label_smoothing", "class_weight")
            if name == "MLPClassifier"
            else ("quantile",)
        ),
    }


VALUES = [
    *(None, True, False, np.True_, "auto", "x", -1, 0, 1, 2, 2**40, np.int8(3), np.float32),
    *(-0.5, 0.0, 0.5, 1.0, 1.5, np.inf, -np.inf, np.nan, (), (3,), [0], [2.5], np.array([2])),
    *("relu", "adam", "constant", "poisson", "cpu", "float32", np.random.RandomState(0), object()),
]


def refusal(model, **parameters):
    """The words of the message that these parameters are refused with, or None."""
    try:
        model.set_params(**parameters)._validate_params()
    except ValueError as error:
        return sorted(re.findall(r"[^ ,{}]+", str(error)))  # options are a set


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_parameters_are_refused_as_by_scikit_learn(name):
    for parameter in inspect.signature(getattr(sklearn.neural_network, name)).parameters:
        for value in VALUES:
            ours, theirs = (
                refusal(getattr(module, name)(), **{parameter: value})
                for module in (skarma, sklearn.neural_network)
            )
            if parameter in (
                "activation",
                "learning_rate",
                "loss",
                "solver",
                "validation_fraction",
            ):  # of which there are more
                ours, theirs = ours is None, theirs is None
            assert ours == theirs, (parameter, value)


def test_parameters_of_our_own_take_what_they_say():
    taken = {
        "n_threads": [None, 1, 2, 2**40, -1, np.int8(3)],
        "device": ["cpu", "cuda", "cuda:0", "cuda:12", "cuda-host", "auto", "reference"],
        "dtype": [None, "float32", "float64", np.float32, np.float64],
        "weight_decay": [0, 0.0, 0.5, 2, np.float32(1e-3)],
        "dropout": [0, 0.0, 0.5, np.float32(0.25), [0.2, 0.5], (0, 0.1), np.array([0.1, 0.2])],
        "batch_norm": [True, False, np.True_],
        "residual": [True, False],
        "precision": [None],
        "early_stopping_metric": [None, "loss", "f1_macro"],
        "freeze": [(), [0], np.array([1]), 0],
        "n_init": [1, 2, np.int8(3)],
        "layer_norm": [True, False],
        "noise": [0, 0.0, 0.1, 2, np.float32(0.5)],
        "keep_optimizer": [True, False],
        "init": ["auto", "he_normal", "orthogonal(1.4)"],
        "n_members": [1, 2, np.int8(3)],
        "l1": [0, 0.5, np.float32(0.25)],
        "max_norm": [None, 2, 0.5],
        "clip_value": [None, 1, 0.5],
        "clip_norm": [None, 1, np.float32(0.5)],
        "coefs_init": [None, [[[1.0]], [[1.0]]]],
        "intercepts_init": [None, ([1.0], [1.0])],
        "validation_fraction": [0.5, ShuffleSplit()],
    }
    for parameter, values in taken.items():
        for value in values:
            assert refusal(MLPClassifier(), **{parameter: value}) is None, (parameter, value)
    limits = {"max_norm", "clip_value", "clip_norm"}
    for parameter in limits:
        for value in (0, -1, np.nan, np.inf, "much", ()):
            assert refusal(MLPClassifier(), **{parameter: value}), (parameter, value)
    for value in (-2.5, 1.5, "cuda:", np.inf, ()):
        others = {"weight_decay", "freeze", "l1", "noise", *limits, *INITIAL_WEIGHTS}
        for parameter in taken.keys() - others:
            assert refusal(MLPClassifier(), **{parameter: value}), (parameter, value)
    for value in (-1, -1e-9, np.nan, np.inf, None, "auto", ()):
        assert refusal(MLPClassifier(), weight_decay=value), value
    for value in (-1e-9, np.nan, np.inf, None, "much", ()):
        assert refusal(MLPClassifier(), l1=value), value
    assert refusal(MLPClassifier(), dtype=np.float16)
    assert refusal(MLPClassifier(), n_threads=0)
    assert refusal(MLPClassifier(), dropout=1.0)
    for layers in (-1, [2], [0, 1], [-1], "first", None):
        assert refusal(MLPClassifier(), freeze=layers), layers
    assert refusal(MLPClassifier(), freeze=[0], batch_norm=True)


@pytest.mark.parametrize(
    ("cls", "line"),
    [
        (MLPClassifier, "hidden_layer_sizes : array-like of shape (n_layers - 2,), default=(100,)"),
        (
            MLPClassifier,
            "solver : {'lbfgs', 'sgd', 'adam', 'rmsprop', 'adamw', 'adagrad', 'adadelta', "
            "'amsgrad', 'nadam', 'lion', 'rprop', 'gd', 'lm'}, default='adam'",
        ),
        (MLPClassifier, "alpha : float, default=0.0001"),
        (MLPClassifier, "batch_size : int or 'auto', default='auto'"),
        (MLPClassifier, "max_iter : int, default=200"),
        (MLPClassifier, "random_state : int, RandomState instance or None, default=None"),
        (MLPClassifier, "shuffle : bool, default=True"),
        (MLPClassifier, "verbose : bool or int, default=0"),
        (MLPRegressor, "n_threads : int or None, default=None"),
        (MLPRegressor, "dtype : {'float32', 'float64'} or None, default=None"),
        (
            MLPRegressor,
            "loss : {'squared_error', 'poisson', 'huber', 'absolute_error', 'log_cosh', "
            "'gamma', 'tweedie', 'quantile'}, "
            "default='squared_error'",
        ),
        (MLPRegressor, "loss_curve_ : list of float"),
        (MLPClassifier, "loss_curve_ : list of float"),
    ],
)
def test_the_documentation_says_what_a_parameter_is(cls, line):
    lines = inspect.getdoc(cls).splitlines()
    assert line in lines
    assert lines[lines.index(line) + 1].startswith("    ")


def test_a_copy_predicts_and_goes_on_training():
    model = MLPClassifier(max_iter=5, random_state=1).fit(X, Y)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(twin.predict_proba(X), model.predict_proba(X))
        again = copy.deepcopy(model).partial_fit(X, Y)
        np.testing.assert_array_equal(twin.partial_fit(X, Y).coefs_[0], again.coefs_[0])


@pytest.mark.parametrize(
    "labels", [["a", "b", "c"], [1.0, 2.0, 4.0], [True, False, True], [3, 1, 2]]
)
def test_labels_keep_their_type(labels):
    y = np.array(labels)[Y]
    model = MLPClassifier(solver="lbfgs", max_iter=30, random_state=0).fit(X, y)
    assert model.classes_.dtype == y.dtype
    assert model.predict(X).dtype == y.dtype
    assert model.score(X, y) > 0.8
    assert pickle.loads(pickle.dumps(model)).score(X, y) == model.score(X, y)


def test_weights_that_were_changed_are_used():
    model = MLPClassifier(hidden_layer_sizes=(4,), max_iter=3, random_state=1).fit(X, Y)
    model.coefs_[1][:] = 0
    model.intercepts_ = [model.intercepts_[0], np.array([0.0, 1.0, 0.0])]
    np.testing.assert_array_equal(model.predict(X), 1)
    model.partial_fit(X, Y)
    assert abs(model.coefs_[1]).max() < 0.01, "one step of adam away from zero"


def test_an_error_leaves_the_model_as_it_was():
    model = MLPClassifier(max_iter=3, random_state=1).fit(X, Y)
    before = model.predict_proba(X)
    model.set_params(solver="sgd", learning_rate_init=1e300, warm_start=True)
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        model.fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), before)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("dtype", ["float32", np.float32])
def test_a_network_has_the_type_that_is_asked_for(solver, dtype):
    quick = {"solver": solver, "max_iter": 5, "random_state": 1}
    narrow = MLPClassifier(**quick, dtype=dtype).fit(X, Y)
    assert {array.dtype for array in narrow.coefs_} == {np.dtype(np.float32)}
    assert narrow.predict_proba(X).dtype == np.float32
    same = MLPClassifier(**quick, dtype=dtype).fit(X.astype(np.float32), Y)
    np.testing.assert_array_equal(narrow.coefs_[0], same.coefs_[0])
    wide = MLPClassifier(**quick, dtype="float64").fit(X.astype(np.float32), Y)
    assert wide.coefs_[0].dtype == np.float64
    assert clone(narrow).dtype is dtype


def test_threads_change_no_bit():
    samples, labels = make_classification(n_samples=400, n_features=300, random_state=0)
    quick = {"hidden_layer_sizes": (150,), "max_iter": 3, "random_state": 1}
    alone = MLPClassifier(**quick).fit(samples, labels)
    together = MLPClassifier(**quick, n_threads=4).fit(samples, labels)
    np.testing.assert_array_equal(together.coefs_[0], alone.coefs_[0])
    np.testing.assert_array_equal(together.predict_proba(samples), alone.predict_proba(samples))


def test_threads_that_cannot_be_started_are_done_without():
    program = """
import resource, skarma, threading, numpy as np
X, y = np.random.RandomState(0).rand(400, 300), np.arange(400) % 2
def loss(n_threads):
    model = skarma.MLPClassifier((150,), max_iter=2, random_state=0, n_threads=n_threads)
    return model.fit(X, y).loss_
expected = loss(1)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 200_000_000,) * 2)
try:
    threading.Thread(target=print).start()
except RuntimeError:
    print(loss(64) == expected)
"""

    def make_stacks_large():
        hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
        resource.setrlimit(resource.RLIMIT_STACK, (2**30, hard))

    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=make_stacks_large,
    )
    assert run.stdout == "True\n", run.stderr


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_threads": 0}, "The 'n_threads' parameter of MLPClassifier must be"),
        ({"n_threads": 1.5}, "The 'n_threads' parameter of MLPClassifier must be"),
        ({"device": "gpu"}, "The 'device' parameter of MLPClassifier must be a str among {'"),
        ({"dtype": "float16"}, "The 'dtype' parameter of MLPClassifier must be a str among"),
    ],
)
def test_wrong_threads_devices_and_types_are_named(parameters, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        MLPClassifier(**parameters).fit(X, Y)


def test_a_fit_that_fails_has_drawn_from_its_generator():
    draws = []
    for module in (sklearn.neural_network, skarma):
        generator = np.random.RandomState(3)
        model = module.MLPClassifier(solver="sgd", learning_rate_init=1e300, random_state=generator)
        with np.errstate(all="ignore"), pytest.raises(ValueError, match="non-finite"):
            model.fit(X, Y)
        draws.append(generator.uniform())
    assert draws[0] == draws[1]


def test_labels_beyond_64_bits_with_a_sign(tmp_path):
    labels = np.where(Y == 1, np.uint64(2**63 + 1), np.uint64(3))
    model = MLPClassifier(max_iter=5, random_state=0).fit(X, labels)
    assert set(model.predict(X)) <= set(labels)
    assert model.classes_.dtype == np.uint64
    with pytest.raises(ValueError, match=re.escape("cannot hold labels of 2**63")):
        model.save(tmp_path / "m")
    largest = np.where(Y == 1, np.uint64(2**63 - 1), np.uint64(3))
    model.fit(X, largest).save(tmp_path / "m")
    np.testing.assert_array_equal(skarma.load(tmp_path / "m").classes_, [3, 2**63 - 1])


def test_no_convergence_is_a_warning():
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(2\) reached"):
        MLPClassifier(max_iter=2).fit(X, Y)
    with pytest.warns(ConvergenceWarning, match=r"lbfgs failed to converge after 2 iteration"):
        MLPRegressor(solver="lbfgs", max_iter=2).fit(X, Y)


def test_verbose_prints_each_epoch(capsys):
    MLPClassifier(max_iter=2, verbose=True, early_stopping=True, random_state=0).fit(X, Y)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("=")[0] for line in lines[::2]] == [
        "Iteration 1, loss ",
        "Iteration 2, loss ",
    ]
    assert lines[1].startswith("Validation score: 0.")


def test_ctrl_c_ends_a_fit_with_a_usable_model():
    big_x, big_y = make_classification(n_samples=5000, n_features=50, random_state=0)
    model = MLPClassifier(
        hidden_layer_sizes=(200, 200), max_iter=2000, tol=0, n_iter_no_change=2000
    )
    with ctrl_c_after(1.0), pytest.warns(UserWarning, match="Training interrupted by user."):
        model.fit(big_x, big_y)
    assert model.n_iter_ < 2000
    assert model.predict(big_x).shape == (5000,)


def test_other_threads_run_during_a_fit():
    big_x, big_y = make_classification(n_samples=4000, n_features=40, random_state=0)
    ticks = []
    done = threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    ticker = threading.Thread(target=tick, daemon=True)  # not to be waited for after a failure
    ticker.start()
    start = time.perf_counter()
    MLPClassifier(hidden_layer_sizes=(100,), max_iter=30).fit(big_x, big_y)
    end = time.perf_counter()
    done.set()
    ticker.join()
    assert sum(start < at < end for at in ticks) > 10, "the GIL was not released"


def test_predict_is_right_from_many_threads():
    model = MLPClassifier(max_iter=20, random_state=0).fit(X, Y)
    expected = model.predict_proba(X)
    wrong = []

    def predict():
        for _ in range(50):
            if not np.array_equal(model.predict_proba(X), expected):
                wrong.append(1)

    threads = [threading.Thread(target=predict) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_nothing_of_scikit_learns_mlp_is_inside():
    from sklearn.neural_network._multilayer_perceptron import BaseMultilayerPerceptron

    assert not issubclass(MLPClassifier, BaseMultilayerPerceptron)
    assert not issubclass(MLPRegressor, BaseMultilayerPerceptron)
    assert skarma.__version__


def resident_bytes():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_fits_in_a_loop_leave_no_memory_behind():
    def fits(n):
        for seed in range(n):
            MLPClassifier((50,), max_iter=2, random_state=seed).fit(X, Y).predict(X)

    fits(50)
    before = resident_bytes()
    fits(1000)
    assert resident_bytes() - before < 5_000_000


@pytest.mark.parametrize(
    "gpus", [[("GPU", "none: why")], [("cuda:0", "One"), ("cuda:1", "Two")]], ids=len
)
def test_versions_name_what_computes(gpus, monkeypatch, capsys):
    info = _native.runtime_info() | {"gpus": gpus}
    monkeypatch.setattr(_native, "runtime_info", lambda: info)
    skarma.show_versions()
    printed = capsys.readouterr().out
    assert "BLAS: OpenBLAS" in printed
    assert "scikit-learn" in printed or "sklearn" in printed
    lines = {line.strip() for line in printed.splitlines()}
    assert {f"skarma: {skarma.__version__}", *map(": ".join, gpus)} <= lines
    for name, what in (("SIMD", "simd"), ("compiler", "compiler"), ("cores", "n_cores")):
        assert f"{name}: {info[what]}" in lines


@pytest.mark.parametrize("routed", [False, True])
@pytest.mark.parametrize("random_state", [3, np.random.RandomState(3)])
def test_a_clone_has_the_parameters_and_requests_of_its_original(random_state, routed):
    original = MLPClassifier((5,), alpha=0.5, random_state=random_state, max_iter=2)
    if routed:
        with sklearn.config_context(enable_metadata_routing=True):
            original.set_fit_request(sample_weight=True)
    original.set_params(beta_1=0.8).fit(X, Y)
    twin = clone(original)
    assert not hasattr(twin, "coefs_")
    requests = twin.get_metadata_routing().fit.requests
    assert requests.pop("sample_weight") == (True if routed else None)
    assert requests == dict.fromkeys(("X_val", "y_val", "sample_weight_val", "callbacks"))
    parameters, expected = twin.get_params(), original.get_params()
    generator = parameters.pop("random_state")
    assert (generator is expected.pop("random_state")) == isinstance(random_state, int)
    assert parameters == expected


@pytest.mark.parametrize("name", sorted(_CLONED_BESIDE_PARAMETERS))
def test_a_clone_takes_along_what_scikit_learns_does(name):
    original = MLPClassifier()
    setattr(original, name, {})
    assert vars(clone(original)).keys() == vars(BaseEstimator.__sklearn_clone__(original)).keys()


def test_scikit_learn_clones_nothing_else_beside_parameters():
    source = inspect.getsource(sklearn.base._clone_parametrized)
    assert set(re.findall(r"estimator\.(_[a-z]\w+)", source)) <= _CLONED_BESIDE_PARAMETERS


def test_the_constructor_of_a_subclass_is_looked_at():
    class Doubled(MLPClassifier):
        def __init__(self, alpha=1.0):
            super().__init__(alpha=2 * alpha)

    with pytest.raises(RuntimeError, match="constructor either does not set or modifies"):
        clone(Doubled())


SENDS_ITS_OWN_CLASS = """
import joblib, numpy, warnings
from skarma import {name}

class Own({name}):
    pass

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    X = numpy.random.RandomState(0).standard_normal((40, 3))
    y = (X[:, 0] > 0).astype(int)
    model = Own(hidden_layer_sizes=(4,), max_iter=2, random_state=0).fit(X, y)
    sent = joblib.Parallel(n_jobs=2)(joblib.delayed(model.predict)(X) for _ in range(2))
    assert all(numpy.array_equal(predicted, model.predict(X)) for predicted in sent)
"""


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_a_class_of_the_program_goes_to_other_processes(name, tmp_path):
    # Such a class is sent whole, with all that a fit has left in it.
    script = tmp_path / "sends.py"
    script.write_text(SENDS_ITS_OWN_CLASS.format(name=name))
    run = subprocess.run([sys.executable, script], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
