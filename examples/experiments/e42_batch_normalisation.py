"""
E42: Batch normalisation
========================

Batch normalisation before both activations, on MNIST.

784-512-512-10, relu, batches of 128. By default 5,000 images; all of them, for 5 epochs, with
``--full``.
"""

from shared_figures import between, mnist, near, report
from shared_pictures import digits, places

from skarma import MLPClassifier


def run(full=False):
    X, y, X_test, y_test = mnist()
    if not full:
        X, y = X[:5000], y[:5000]
    scores = {}
    for batch_norm in (False, True):
        network = MLPClassifier(
            (512, 512),
            batch_norm=batch_norm,
            batch_size=128,
            alpha=0,
            dtype="float32",
            random_state=0,
        )
        test = {"X_val": X_test, "y_val": y_test}
        network.set_params(max_iter=5 if full else 3).fit(X, y, **test)
        scores[batch_norm] = network.validation_scores_
    summary = network.summary()
    yield near("parameters without moving statistics", summary.n_parameters - 2 * 1024, 671_754)
    if full:
        yield between("test accuracy, epoch 1", scores[True][0], 0.960, 0.975)
        yield between("test accuracy, epoch 3", scores[True][2], 0.970, 0.983)
        yield between("test accuracy, epoch 5", scores[True][4], 0.974, 0.985)
    else:
        yield between("test accuracy, epoch 1", scores[True][0], 0.90, 0.95)
        yield between("test accuracy, epoch 3", scores[True][2], 0.93, 0.96)
        gain = scores[True][0] - scores[False][0]
        yield between("gain in epoch 1 by normalisation", gain, 0.01, 0.15)


def picture():
    """On scikit-learn's digits."""
    X, y = digits()
    axes = places()
    for batch_norm in (False, True):
        network = MLPClassifier((512, 512), batch_norm=batch_norm, batch_size=128, alpha=0,
                                dtype="float32", max_iter=15, random_state=0)  # fmt: skip
        network.set_params(n_iter_no_change=99).fit(X[:1200], y[:1200], X_val=X[1200:],
                                                    y_val=y[1200:])  # fmt: skip
        scores = network.validation_scores_
        axes.plot(range(1, 16), scores, "o-", label=f"batch_norm={batch_norm}")
    axes.set(xlabel="epoch", ylabel="accuracy on other digits")
    axes.legend()
    return axes


if __name__ == "__main__":
    report(run, picture)
