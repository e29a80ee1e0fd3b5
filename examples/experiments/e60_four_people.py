"""E60: the 2-2-1 network that a lecture trains by hand, sigmoids and squared error."""

import numpy as np
from shared_figures import between, near, show

from skarma import MLPClassifier

PEOPLE = np.array([[-2.0, -1], [25, 6], [17, 4], [-15, -6]])  # weight - 135, height - 66
WOMEN = np.array([1, 0, 0, 1])


def run():
    network = MLPClassifier(
        (2,), "logistic", loss="squared_error", solver="sgd", learning_rate_init=0.1, momentum=0,
        batch_size=1, alpha=0, max_iter=2000, tol=0, n_iter_no_change=2000, random_state=0,
    ).fit(PEOPLE, WOMEN)  # fmt: skip
    p = network.predict_proba(PEOPLE)[:, 1]
    arrays = [*network.coefs_, *network.intercepts_]
    yield near("parameters", sum(array.size for array in arrays), 9)
    yield between("mean squared error", ((p - WOMEN) ** 2).mean(), 0, 0.01)
    yield near("people told right", (network.predict(PEOPLE) == WOMEN).sum(), 4)


if __name__ == "__main__":
    show(run())
