"""
E60: A 2-2-1 network trained by hand
====================================

The 2-2-1 network that a lecture trains by hand, sigmoids and squared error.
"""

from shared_figures import between, near, report

from skarma import MLPClassifier, demos

PEOPLE, WOMEN = demos.PEOPLE, demos.WOMEN.astype(int)
BY_HAND = {0: 0.0024, 1: 0.0016, 2: 0.0015}  # losses for three seeds


def run():
    for seed, loss in BY_HAND.items():
        by_hand = demos.net_by_hand(learning_rate=0.1, n_epochs=1000, random_state=seed)
        yield near(f"mean squared error by hand, seed {seed}", by_hand.losses[-1], loss, 5e-5)
    yield near("parameters of the one by hand", by_hand.n_parameters, 9)
    network = MLPClassifier(
        (2,), "logistic", loss="squared_error", solver="sgd", learning_rate_init=0.1, momentum=0,
        batch_size=1, alpha=0, max_iter=2000, tol=0, n_iter_no_change=2000, random_state=0,
    ).fit(PEOPLE, WOMEN)  # fmt: skip
    p = network.predict_proba(PEOPLE)[:, 1]
    arrays = [*network.coefs_, *network.intercepts_]
    yield near("parameters", sum(array.size for array in arrays), 9)
    yield between("mean squared error", ((p - WOMEN) ** 2).mean(), 0, 0.01)
    yield near("people told right", (network.predict(PEOPLE) == WOMEN).sum(), 4)


def picture():
    return demos.net_by_hand().plot()


if __name__ == "__main__":
    report(run, picture)
