"""lbfgs beside scikit-learn over random networks and data, where scikit-learn itself repeats.

A minimisation amplifies rounding, so that many runs have no one result: a configuration is judged
only if scikit-learn's own weights move by less than 1e-6 when its data move by one ulp, and if it
did not end with an abnormal line search. SKARMA_LBFGS_RUNS=2000 tries so many of them.
"""

import os
import warnings
from collections import Counter

import numpy as np
import sklearn.datasets
import sklearn.neural_network as reference
from sklearn.preprocessing import StandardScaler

import skarma

N_RUNS = int(os.environ.get("SKARMA_LBFGS_RUNS", "200"))
FIRST_SEED = int(os.environ.get("SKARMA_LBFGS_SEED", "0"))

LOADERS = {
    name: getattr(sklearn.datasets, f"load_{name}")
    for name in ("iris", "wine", "breast_cancer", "digits", "diabetes")
}


def samples(draw):
    """Some rows of a data set, scaled or not, and whether it is to be a regression."""
    name = draw.choice(sorted(LOADERS))
    X, y = LOADERS[name](return_X_y=True)
    rows = draw.permutation(len(X))[: draw.choice([60, 120, 200, 400, 600])]
    X, y = X[rows], y[rows]
    if draw.random() < 0.6:
        X = StandardScaler().fit_transform(X)
    is_regression = name == "diabetes" or draw.random() < 0.35
    if is_regression and draw.random() < 0.5:
        y = (y - y.mean()) / y.std()
    return X, y, is_regression


def network_options(draw, y, is_regression):
    n_layers = draw.choice([0, 1, 1, 1, 2, 3])
    options = {
        "solver": "lbfgs",
        "hidden_layer_sizes": tuple(draw.choice([1, 3, 5, 8, 10, 20, 30], n_layers).tolist()),
        "activation": str(draw.choice(["relu", "tanh", "logistic", "identity"])),
        "alpha": 10 ** draw.uniform(-6, 1),
        "max_iter": int(draw.choice([15, 40, 80, 200])),
        "tol": float(draw.choice([1e-2, 1e-4, 1e-4, 1e-6])),
        "random_state": int(draw.integers(1000)),
    }
    if is_regression and y.min() >= 0 and draw.random() < 0.2:
        options["loss"] = "poisson"
    return options


def weights(network, X, y):
    """The weights after a fit; None where scikit-learn's line search failed."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        network.fit(X, y)
    if any("ABNORMAL" in str(warning.message) for warning in caught):
        return None
    return np.concatenate([w.ravel() for w in network.coefs_ + network.intercepts_])


def verdict(seed):
    """What came of one configuration, and its description."""
    draw = np.random.default_rng(seed)
    X, y, is_regression = samples(draw)
    options = network_options(draw, y, is_regression)
    name = "MLPRegressor" if is_regression else "MLPClassifier"
    theirs = weights(getattr(reference, name)(**options), X, y)
    if theirs is None:
        return "abnormal", None
    moved = weights(getattr(reference, name)(**options), X * (1 + np.finfo(float).eps), y)
    if moved is None or not np.abs(moved - theirs).max() <= 1e-6:
        return "scikit-learn does not repeat", None
    ours = weights(getattr(skarma, name)(**options), X, y)
    difference = np.inf if ours is None else np.abs(ours - theirs).max()
    description = f"seed {seed}: {name}(**{options}) on {X.shape}: {difference:.1e}"
    return ("same" if difference <= 1e-4 else "different"), description


def test_weights_are_scikit_learns_where_it_repeats():
    outcomes = [verdict(seed) for seed in range(FIRST_SEED, FIRST_SEED + N_RUNS)]
    counts = Counter(outcome for outcome, _ in outcomes)
    different = [description for outcome, description in outcomes if outcome == "different"]
    print(dict(counts), *different, sep="\n")
    n_judged = counts["same"] + counts["different"]
    assert n_judged >= 0.5 * N_RUNS, counts
    assert counts["same"] >= 0.97 * n_judged, "\n".join(different)
