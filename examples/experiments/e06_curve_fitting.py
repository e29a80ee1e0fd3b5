"""E06: a curve by relu, which has kinks, and by tanh, which is smooth."""

from shared_figures import between, show, wave

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


if __name__ == "__main__":
    show(run())
