"""
E40: A dropout network on MNIST
===============================

Dropout after both hidden layers, on MNIST: no worse with it, and no better.

784-512-512-10, relu, half of each hidden layer dropped, batches of 128, a tenth of the samples for
validation. By default 5,000 images; all of them, for 10 epochs, with ``--full``.
"""

from shared_figures import between, mnist, near, report
from shared_pictures import bars, places, whole_figures

from skarma import MLPClassifier


def run(full=False):
    X, y, X_test, y_test = mnist()
    if not full:
        X, y = X[:5000], y[:5000]
    held_out = len(y) // 10
    accuracies = {}
    for dropout in (0.0, 0.5):
        network = MLPClassifier(
            (512, 512),
            dropout=dropout,
            batch_size=128,
            alpha=0,
            dtype="float32",
            max_iter=10 if full else 6,
            random_state=0,
        )
        validation = {"X_val": X[-held_out:], "y_val": y[-held_out:]}
        network.fit(X[:-held_out], y[:-held_out], **validation)
        accuracies[dropout] = network.score(X_test, y_test)
        best = max(network.validation_scores_)
        if full:
            yield between(f"test accuracy, dropout {dropout}", accuracies[dropout], 0.974, 0.985)
            yield between(f"best validation accuracy, dropout {dropout}", best, 0.977, 0.987)
        else:
            yield between(f"test accuracy, dropout {dropout}", accuracies[dropout], 0.92, 0.96)
            yield between(f"best validation accuracy, dropout {dropout}", best, 0.90, 0.96)
    worth = accuracies[0.5] - accuracies[0.0]
    yield near("test accuracy, dropout 0.5 - without", worth, 0, 0.007 if full else 0.02)


def picture():
    """Of the whole run."""
    known = whole_figures("E40")
    accuracies = {name: value for name, value in known.items() if value > 0.5}
    return bars(places(), accuracies, digits=4, xlabel="accuracy", xlim=(0.97, 0.985))


if __name__ == "__main__":
    report(run, picture)
