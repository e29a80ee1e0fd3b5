"""What L-BFGS needs to come as low as Levenberg-Marquardt in a few iterations.

    python bench/python/levenberg_marquardt.py [--iterations N] [--seeds N]

From the same initial weights, on one thread: the median over the seeds of lm's loss after so many
iterations, of the iterations in which lbfgs comes down to it, and of both times. A run of lbfgs
that ends above it is counted as one that never comes there.
"""

import argparse
import os
import time
import warnings

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"  # before NumPy is there

import numpy as np  # noqa: E402
from sklearn.datasets import load_diabetes, make_friedman1  # noqa: E402
from sklearn.preprocessing import scale  # noqa: E402

from skarma import MLPRegressor  # noqa: E402

MOST_ITERATIONS = 20_000


def curve(noise):
    x = np.linspace(-1, 1, 101)
    y = np.sin(5 * x) * np.exp(x) + noise * np.random.RandomState(0).standard_normal(101)
    return x[:, None], y


def friedman():
    X, y = make_friedman1(500, noise=0.1, random_state=0)
    return scale(X), scale(y)


def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return scale(X), scale(y)


PROBLEMS = {
    "a curve, 10 tanh": (curve(0.0), {"hidden_layer_sizes": (10,), "alpha": 0}),
    "a noisy curve, 10 tanh": (curve(0.1), {"hidden_layer_sizes": (10,), "alpha": 1e-3}),
    "Friedman's function, 20 tanh": (friedman(), {"hidden_layer_sizes": (20,), "alpha": 1e-3}),
    "Friedman's function, 10-10 logistic": (
        friedman(),
        {"hidden_layer_sizes": (10, 10), "activation": "logistic", "alpha": 1e-3},
    ),
    "Friedman's function, 20 relu": (
        friedman(),
        {"hidden_layer_sizes": (20,), "activation": "relu", "alpha": 1e-3},
    ),
    "diabetes, 10 tanh": (diabetes(), {"hidden_layer_sizes": (10,), "alpha": 1}),
}


def fit(samples, settings, **more):
    """A network, and the seconds that it took."""
    model = MLPRegressor(**{"activation": "tanh", "tol": 0} | settings | more)
    start = time.process_time()
    model.fit(*samples)
    return model, time.process_time() - start


def turn(samples, settings, iterations, seed):
    """Loss and seconds of lm; iterations and seconds of lbfgs down to it, or NaN."""
    settings = settings | {"random_state": seed}
    few, seconds = fit(samples, settings, solver="lm", max_iter=iterations)
    lbfgs = {"solver": "lbfgs", "max_fun": 10 * MOST_ITERATIONS}
    many, _ = fit(samples, settings, max_iter=MOST_ITERATIONS, **lbfgs)
    below = np.flatnonzero(many.history_["loss"] <= few.loss_)
    if not below.size:
        return few.loss_, seconds, np.nan, np.nan
    needed = int(below[0]) + 1
    return few.loss_, seconds, needed, fit(samples, settings, max_iter=needed, **lbfgs)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, nargs="+", default=[20, 50])
    parser.add_argument("--seeds", type=int, default=9)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| problem | lm: iterations | loss | ms | lbfgs: iterations | ms | gets there |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, (samples, settings) in PROBLEMS.items():
        for iterations in arguments.iterations:
            turns = [turn(samples, settings, iterations, s) for s in range(arguments.seeds)]
            loss, seconds, needed, other = np.array(turns).T
            got = int(np.isfinite(needed).sum())
            cells = [name, iterations, f"{np.median(loss):.3g}", f"{np.median(seconds) * 1e3:.1f}"]
            if got:
                cells += [f"{np.nanmedian(needed):.0f}", f"{np.nanmedian(other) * 1e3:.1f}"]
            else:
                cells += ["-", "-"]
            print(f"| {' | '.join(map(str, cells))} | {got} of {arguments.seeds} |")


if __name__ == "__main__":
    main()
