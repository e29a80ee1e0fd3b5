"""
E06: A curve by relu and by tanh
================================

A curve by relu, which has kinks, and by tanh, which is smooth.
"""

from shared_figures import between, report, wave
from shared_pictures import places

from skarma import MLPRegressor


def run():
    X, y = wave()
    for activation, low in (("relu", 0.8), ("tanh", 0.955)):
        scores = [
            MLPRegressor(activation=activation, solver="lbfgs", random_state=seed)
            .fit(X, y)
            .score(X, y)
            for seed in range(5)
        ]
        yield between(f"least R2 of five starts, {activation}", min(scores), low, 0.97)
        yield between(f"best R2 of five starts, {activation}", max(scores), 0.94, 0.97)


def picture():
    X, y = wave()
    axes = places()
    axes.plot(X, y, ".", color="0.6", label="samples")
    for activation in ("relu", "tanh"):
        network = MLPRegressor(activation=activation, solver="lbfgs", random_state=1).fit(X, y)
        axes.plot(X, network.predict(X), label=activation)
    axes.set(xlabel="x", ylabel="y")
    axes.legend()
    return axes


if __name__ == "__main__":
    report(run, picture)
