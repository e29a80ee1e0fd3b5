"""Fits and searches over all options, and a hash of everything that they give.

    python tests/python/bits.py            # prints them as JSON
    python tests/python/bits.py --record   # keeps them in bits.json, for this kind of machine

Bits are promised for one instruction set and one kernel of OpenBLAS (`machine()`): the file has a
record for each. Samples and targets are exact numbers: no arithmetic of NumPy's is judged.
"""

import argparse
import hashlib
import json
import platform
import re
import warnings
from functools import cache
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skarma import MLPClassifier, MLPRegressor, _native
from skarma.model_selection import GridSearchCV, cross_val_predict

RECORDS = Path(__file__).parent / "bits.json"
SCALERS = {"standard": StandardScaler, "minmax": MinMaxScaler}


def machine():
    """What the bits depend on: the processor's kind, OpenBLAS's kernel, compiler and C library."""
    info = _native.runtime_info()
    vendor = re.search(r"vendor_id\s*: (\S+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return ", ".join(
        [
            vendor.group(1) if vendor else platform.machine(),
            *(info[name] for name in ("simd", "blas", "compiler")),
            f"glibc {platform.libc_ver()[1]}",
        ]
    )


# ---- data


@cache
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:300] / 16, y[:300]


@cache
def iris():
    X, y = load_iris(return_X_y=True)
    return np.rint(16 * X) / 16, y


@cache
def diabetes():
    X, y = load_diabetes(return_X_y=True, scaled=False)
    return np.rint(8 * X[:200]) / 1024, np.rint(y[:200]) / 64


@cache
def made_up(n_samples, n_features, share=1.0):
    """Small whole numbers over a power of two, of which `share` are not zero, and two classes."""
    random_state = np.random.RandomState(n_features)
    X = random_state.randint(-64, 65, (n_samples, n_features)) / 32
    X[random_state.randint(0, 1000, X.shape) >= 1000 * share] = 0
    return X, (X[:, 0] + X[:, -1] > 0).astype(int)


@cache
def several_outputs():
    X, y = diabetes()
    return X, np.column_stack([y, y[::-1]])


@cache
def several_labels():
    X, y = digits()
    return X, np.column_stack([y > 4, y % 2, y % 3 == 0]).astype(int)


def two_classes():
    X, y = digits()
    return X, y % 2


def rounded(X):
    return np.round(X).astype(int)


def weights_of(y):
    return (np.arange(len(y)) % 4) / 2


# ---- what is judged


def hash_of(arrays):
    digest = hashlib.sha256()
    for array in arrays:
        array = np.ascontiguousarray(array)
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:16]


def network_for(y):
    return MLPClassifier if y.dtype.kind == "i" else MLPRegressor


def result_of(model, X):
    """All numbers of a fitted network."""
    yield from model.coefs_
    yield from model.intercepts_
    yield from getattr(model, "batch_norms_", [])
    yield from getattr(model, "layer_norms_", [])
    yield from ([model.loss_], [model.n_iter_])
    yield getattr(model, "loss_curve_", [])
    yield np.array(getattr(model, "validation_scores_", None) or [], dtype=float)
    yield model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


def fit(data, fits=1, form=np.asarray, weighted=False, scaler=None, then=None, **parameters):
    """A fit: `fits` times, of samples in this form, behind a scaler; `then` with other ones."""

    def run():
        X, y = data()
        X = form(X)
        network = network_for(y)(
            **{"hidden_layer_sizes": (20,), "max_iter": 8, "random_state": 3} | parameters
        )
        options = {"sample_weight": weights_of(y)} if weighted else {}
        if scaler:
            search = GridSearchCV(make_pipeline(SCALERS[scaler](), network), {}, cv=2).fit(X, y)
            return [search.cv_results_["mean_test_score"], search.predict(X)]
        for _ in range(fits):
            network.fit(X, y, **options)
        if then:
            network.set_params(warm_start=True, **then).fit(X, y, **options)
        return result_of(network, X)

    return run


def partial_fits(data, **parameters):
    def run():
        X, y = data()
        network = network_for(y)(hidden_layer_sizes=(20,), random_state=3, **parameters)
        options = {"classes": np.unique(y)} if hasattr(network, "predict_proba") else {}
        for begin in range(0, len(y), 70):
            rows = slice(begin, begin + 70)
            network.partial_fit(X[rows], y[rows], **options)
        return result_of(network, X)

    return run


def search(data, grid, form=np.asarray, max_iter=6, weighted=False, scaler=None, **options):
    """A search: all scores, and the best network."""

    def run():
        X, y = data()
        network = network_for(y)(hidden_layer_sizes=(10,), max_iter=max_iter, random_state=5)
        estimator = make_pipeline(SCALERS[scaler](), network) if scaler else network
        weights = {"sample_weight": weights_of(y)} if weighted else {}
        found = GridSearchCV(estimator, grid, **{"cv": 3} | options).fit(form(X), y, **weights)
        assert found.search_path_ == "native", found.search_path_
        names = [name for name in sorted(found.cv_results_) if re.search("_(test|train)_", name)]
        scores = [found.cv_results_[name] for name in names]
        last = found.best_estimator_[-1] if scaler else found.best_estimator_
        return [*scores, [found.best_index_], *last.coefs_, *last.intercepts_]

    return run


# ---- the list


def solvers_and_activations():
    for name, data in {"classes": digits, "values": diabetes}.items():
        for solver in ("lbfgs", "sgd", "adam"):
            for activation in ("identity", "logistic", "tanh", "relu"):
                for dtype in ("float64", "float32"):
                    yield (
                        f"{name} {solver} {activation} {dtype}",
                        fit(data, solver=solver, activation=activation, dtype=dtype),
                    )


def forms_of_samples():
    for solver in ("lbfgs", "sgd", "adam"):
        for dtype in ("float64", "float32"):
            common = {"solver": solver, "dtype": dtype}
            sparse = {"data": lambda: made_up(260, 90, 0.1), **common}
            yield f"csr {solver} {dtype}", fit(form=csr_matrix, **sparse)
            yield f"few entries {solver} {dtype}", fit(**sparse)
            yield f"weights {solver} {dtype}", fit(digits, weighted=True, **common)
            yield f"narrow samples {solver} {dtype}", fit(digits, form=np.float32, **common)
        yield f"whole numbers {solver}", fit(iris, form=rounded, solver=solver)
        yield f"columns first {solver}", fit(digits, form=np.asfortranarray, solver=solver)
        yield f"weighted values {solver}", fit(diabetes, weighted=True, solver=solver)
        for scaler in SCALERS:
            yield f"{scaler} scaler {solver}", fit(iris, scaler=scaler, solver=solver)


def shapes():
    for sizes in ((), (1,), (33,), (31, 17), (40, 1, 40), (16, 16, 16)):
        for dtype in ("float64", "float32"):
            yield f"layers {sizes} {dtype}", fit(digits, hidden_layer_sizes=sizes, dtype=dtype)
            yield (
                f"layers {sizes} {dtype} lbfgs",
                fit(diabetes, hidden_layer_sizes=sizes, dtype=dtype, solver="lbfgs"),
            )
    for name, data in {"outputs": several_outputs, "labels": several_labels}.items():
        for solver in ("lbfgs", "sgd", "adam"):
            yield f"several {name} {solver}", fit(data, solver=solver)
    yield "two classes", fit(two_classes)
    yield "two classes lbfgs", fit(two_classes, solver="lbfgs", hidden_layer_sizes=(30, 30))
    for solver in ("lbfgs", "adam"):
        yield f"poisson {solver}", fit(diabetes, solver=solver, loss="poisson")
    for dtype in ("float64", "float32"):
        wide = {"hidden_layer_sizes": (1030, 1030), "max_iter": 1, "dtype": dtype}
        yield f"layers of BLAS {dtype}", fit(lambda: made_up(64, 40), **wide)
        yield f"layers of BLAS {dtype} lbfgs", fit(lambda: made_up(64, 40), solver="lbfgs", **wide)


def ways_to_train():
    options = {
        "batches of 1": {"batch_size": 1, "max_iter": 2},
        "batches of 7": {"batch_size": 7, "max_iter": 3},
        "one batch": {"batch_size": 300},
        "unshuffled": {"shuffle": False},
        "alpha 0": {"alpha": 0.0},
        "alpha 1": {"alpha": 1.0},
        "until it stops": {"max_iter": 300, "tol": 0.01, "n_iter_no_change": 3},
        "early stopping": {"early_stopping": True, "max_iter": 60, "n_iter_no_change": 3},
        "stopping at .3": {"early_stopping": True, "validation_fraction": 0.3},
        "rate .05": {"learning_rate_init": 0.05},
    }
    for name, parameters in options.items():
        for solver in ("sgd", "adam"):
            yield f"{name} {solver}", fit(digits, solver=solver, **parameters)
    for schedule in ("invscaling", "adaptive"):
        settings = {"learning_rate": schedule, "learning_rate_init": 0.2, "tol": 0.05}
        yield schedule, fit(digits, solver="sgd", max_iter=60, n_iter_no_change=2, **settings)
    yield "momentum 0", fit(digits, solver="sgd", momentum=0)
    yield "plain momentum", fit(digits, solver="sgd", nesterovs_momentum=False)
    yield "betas", fit(digits, solver="adam", beta_1=0.5, beta_2=0.7, epsilon=1e-4)
    for solver in ("lbfgs", "sgd", "adam"):
        yield f"warm start {solver}", fit(digits, solver=solver, fits=3, warm_start=True)
    yield "adam, then lbfgs", fit(digits, solver="adam", then={"solver": "lbfgs"})
    yield "lm", fit(diabetes, solver="lm", hidden_layer_sizes=(9,))
    yield "long lbfgs", fit(two_classes, solver="lbfgs", max_iter=60)
    yield "max_fun", fit(digits, solver="lbfgs", max_iter=60, max_fun=20)
    for solver in ("sgd", "adam"):
        yield f"partial fits {solver}", partial_fits(digits, solver=solver)
        yield f"partial fits of values {solver}", partial_fits(diabetes, solver=solver)
    for n_threads in (1, 2, 4):
        for solver in ("lbfgs", "adam"):
            yield (
                f"{n_threads} threads {solver}",
                fit(
                    lambda: made_up(700, 60),
                    solver=solver,
                    hidden_layer_sizes=(200, 100),
                    n_threads=n_threads,
                    max_iter=3,
                ),
            )


def own_rules():
    for solver in ("adamw", "rmsprop"):
        for dtype in ("float64", "float32"):
            yield f"{solver} {dtype}", fit(digits, solver=solver, dtype=dtype)
    for solver in ("adagrad", "adadelta", "amsgrad", "nadam", "lion", "rprop", "gd"):
        for dtype in ("float64", "float32"):
            yield f"{solver} {dtype}", fit(digits, solver=solver, dtype=dtype)
    sparse = {"form": csr_matrix, "weighted": True, "weight_decay": 0.1}
    yield "adamw csr weights", fit(lambda: made_up(260, 90, 0.1), solver="adamw", **sparse)
    yield "partial fits rmsprop", partial_fits(diabetes, solver="rmsprop")


OWN_ACTIVATIONS = (
    *("gelu", "gelu_tanh", "silu", "mish", "leaky_relu", "elu", "selu", "softplus"),
    *("softsign", "hard_tanh", "step"),
)


def own_activations():
    for activation in OWN_ACTIVATIONS:
        for dtype in ("float64", "float32"):
            yield f"{activation} {dtype}", fit(digits, activation=activation, dtype=dtype)
    numbers = ["leaky_relu(0.3)", "elu(alpha=0.5)"]
    yield (
        "activations with numbers",
        fit(digits, hidden_layer_sizes=(20, 15), activation=numbers, dtype="float32"),
    )
    yield "gelu lbfgs", fit(diabetes, activation="gelu", solver="lbfgs")
    mixed = {"hidden_layer_sizes": (20, 15, 10), "activation": ["silu", "relu", "gelu_tanh"]}
    sparse = {"form": csr_matrix, "dtype": "float32"}
    yield "activations mixed", fit(digits, early_stopping=True, max_iter=30, **mixed)
    yield "activations mixed csr", fit(lambda: made_up(260, 90, 0.1), **sparse, **mixed)


def own_first_weights():
    for init in (
        *("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform"),
        *("lecun_normal", "orthogonal(1.41)", "constant(0.1)"),
    ):
        yield f"init {init}", fit(digits, init=init, dtype="float32")
        yield f"init {init} lbfgs", fit(iris, init=init, solver="lbfgs")


def own_restraints():
    for solver in ("sgd", "adam", "adamw", "gd", "rprop", "lion"):
        every = {"l1": 0.3, "max_norm": 1.0, "clip_value": 0.1, "clip_norm": 0.2}
        for name, value in every.items():
            yield f"{name} {solver}", fit(iris, solver=solver, **{name: value})
        yield f"restraints {solver}", fit(digits, solver=solver, dtype="float32", **every)
    yield "ensemble", fit(iris, n_members=3)


def own_losses():
    for loss in ("huber", "absolute_error", "log_cosh", "gamma", "tweedie", "quantile"):
        for dtype in ("float64", "float32"):
            yield f"{loss} {dtype}", fit(diabetes, loss=loss, dtype=dtype)
    yield "huber weights", fit(several_outputs, loss="huber", weighted=True, early_stopping=True)
    yield "log_cosh lbfgs", fit(diabetes, loss="log_cosh", solver="lbfgs")
    yield "quantiles", fit(diabetes, loss="quantile", quantile=[0.1, 0.5, 0.9], weighted=True)
    for loss in ("hinge", "squared_hinge", "focal", "squared_error"):
        for data in (digits, two_classes):
            yield f"{loss} of {data.__name__}", fit(data, loss=loss)
    for data in (digits, two_classes):
        yield f"label_smoothing {data.__name__}", fit(data, label_smoothing=0.1)


def own_layers():
    layers = {"dropout": 0.3, "batch_norm": True, "residual": True}
    for name, value in layers.items():
        for dtype in ("float64", "float32"):
            one = {name: value, "hidden_layer_sizes": (20, 20), "dtype": dtype}
            yield f"{name} {dtype}", fit(digits, **one)
    more = {"layer_norm": True, "noise": 0.1, "dropout a layer": [0.2, 0.0, 0.3]}
    for name, value in more.items():
        for dtype in ("float64", "float32"):
            one = {name.partition(" ")[0]: value, "hidden_layer_sizes": (20, 20), "dtype": dtype}
            yield f"{name} {dtype}", fit(digits, **one)
    yield "maxout", fit(digits, activation="maxout(3)", hidden_layer_sizes=(20, 20))
    yield "maxout float32", fit(digits, activation="maxout", dtype="float32")
    yield "alpha-dropout", fit(digits, dropout=0.3, activation="selu")
    yield "layer_norm lbfgs", fit(digits, layer_norm=True, solver="lbfgs")
    every = {"hidden_layer_sizes": (20, 20, 20), **layers}
    stopping = {"early_stopping": True, "max_iter": 30, "n_iter_no_change": 3}
    yield "all layers csr", fit(lambda: made_up(260, 90, 0.1), form=csr_matrix, **every)
    yield "all layers weights", fit(diabetes, weighted=True, activation="silu", **every)
    yield "all layers stopping", fit(digits, solver="adamw", **stopping, **every)
    yield "all layers one sample left", fit(digits, batch_size=299, max_iter=3, **every)
    yield (
        "residual lbfgs",
        fit(digits, solver="lbfgs", **every | {"dropout": 0, "batch_norm": False}),
    )
    for n_threads in (1, 2, 4):
        wide = {**every, "hidden_layer_sizes": (200, 200), "n_threads": n_threads}
        yield f"all layers {n_threads} threads", fit(lambda: made_up(700, 60), max_iter=3, **wide)


def searches():
    alphas = {"alpha": [1e-4, 1e-2, 1]}
    yield "alphas", search(digits, alphas)
    yield "alphas of two jobs", search(digits, alphas, n_jobs=2)
    yield "solvers", search(iris, {"solver": ["lbfgs", "sgd", "adam"]}, max_iter=30)
    yield "sizes", search(digits, {"hidden_layer_sizes": [(3,), (20,), (5, 5)]}, n_jobs=2)
    yield "values", search(diabetes, alphas | {"solver": ["lbfgs"]})
    yield "sparse", search(lambda: made_up(260, 90, 0.1), alphas, form=csr_matrix)
    yield "scaled", search(iris, {"mlpclassifier__alpha": [1e-4, 1]}, scaler="standard")
    yield "weighted", search(digits, alphas, weighted=True)
    yield "train scores", search(iris, alphas, return_train_score=True, cv=5)
    yield "losses", search(iris, alphas, scoring="neg_log_loss")
    several = ["accuracy", "roc_auc_ovr", "f1_macro"]
    yield "several scorers", search(iris, alphas, scoring=several, refit="roc_auc_ovr")
    yield "stopping", search(digits, {"early_stopping": [True], "alpha": [1e-4, 1]}, max_iter=30)
    yield "types", search(digits, {"dtype": ["float32", "float64"]})
    layers = {"dropout": [0.0, 0.4], "batch_norm": [False, True], "residual": [True]}
    layers["hidden_layer_sizes"] = [(10, 10)]
    yield "layers", search(digits, layers, n_jobs=2)
    own = {"solver": ["adamw", "rmsprop"], "activation": ["gelu", "mish", ["silu"]]}
    yield "own rules and activations", search(iris, own, weighted=True)
    losses = {"loss": ["huber", "absolute_error", "log_cosh"]}
    yield "own losses", search(diabetes, losses, n_jobs=2)


def predictions():
    X, y = digits()
    network = MLPClassifier((10,), max_iter=6, random_state=5)
    return [cross_val_predict(network, X, y, cv=3, method="predict_proba")]


def cases():
    """What is hashed, by name."""
    groups = (solvers_and_activations, forms_of_samples, shapes, ways_to_train)
    groups += own_first_weights, own_restraints
    for group in (*groups, own_rules, own_activations, own_losses, own_layers):
        yield from ((f"fit: {name}", run) for name, run in group())
    yield from ((f"search: {name}", run) for name, run in searches())
    yield "search: predictions", predictions


def hashes():
    """The hash of each case."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: hash_of(run()) for name, run in cases()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--record", action="store_true", help=f"into {RECORDS.name}")
    if not parser.parse_args().record:
        print(json.dumps(hashes(), indent=1))
        return
    records = json.loads(RECORDS.read_text()) if RECORDS.exists() else {}
    records[machine()] = hashes()
    RECORDS.write_text(json.dumps(records, indent=1) + "\n")


if __name__ == "__main__":
    main()
