"""
E82: Feature extraction and fine-tuning
=======================================

A network as a feature extractor, and fine-tuning with layers that stay as they are.
"""

import warnings

import numpy as np
from shared_figures import between, near, report
from shared_pictures import bars, places
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from skarma import MLPClassifier, nn


def features():
    """Digits, a network that has learnt those below 5, and its second-last activations."""
    X, y = load_digits(return_X_y=True)
    X = X / 16
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = {"max_iter": 60, "learning_rate_init": 0.005, "random_state": 0}
        network = MLPClassifier((64, 32), **settings).fit(X[y < 5], y[y < 5])
    hidden = X
    for w, b in zip(network.coefs_[:-1], network.intercepts_[:-1], strict=True):
        hidden = np.maximum(hidden @ w + b, 0)
    return X, y, network, hidden


def run():
    X, y, network, hidden = features()
    few, test = np.flatnonzero(y >= 5)[:300], np.flatnonzero(y >= 5)[300:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        classifier = LogisticRegression(max_iter=1000).fit(hidden[few], y[few])
        yield between("accuracy on other digits by its last activations",
                      classifier.score(hidden[test], y[test]), 0.75, 1)  # fmt: skip
        before = [coef.copy() for coef in network.coefs_]
        # A warm start remembers the best loss of the fit before, which other samples do not reach.
        network.set_params(warm_start=True, freeze=[0, 1], max_iter=300, n_iter_no_change=300)
        network.fit(X[few], y[few] - 5)  # five classes once more
        unchanged = sum(
            np.array_equal(now, then) for now, then in zip(network.coefs_, before, strict=True)
        )
        yield near("layers that stayed as they were, bit by bit", unchanged, 2)
        yield between("accuracy when the last layer alone has learnt them",
                      network.score(X[test], y[test] - 5), 0.7, 1)  # fmt: skip
    yield from with_layers(X, y)


def with_layers(X, y):
    """The same as users of Keras do it: frozen layers, and another last one."""
    low, few = y < 5, np.flatnonzero(y >= 5)[:300]
    test = np.flatnonzero(y >= 5)[300:]
    layers = [
        nn.Conv2D(16, (3, 3), activation="relu", input_shape=(8, 8, 1)),
        nn.MaxPool2D((2, 2)),
        nn.Flatten(),
        nn.Dense(32, "relu"),
        nn.Dense(5, "softmax"),
    ]
    network = nn.Sequential(layers, random_state=0)
    network.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    network.fit(X[low].reshape(-1, 8, 8, 1), y[low], epochs=20, verbose=0)
    images = X.reshape(-1, 8, 8, 1)
    hidden = network.features(images)
    features = LogisticRegression(max_iter=1000).fit(hidden[few], y[few])
    yield between("accuracy on other digits by the second-last layer of a network of convolutions",
                  features.score(hidden[test], y[test]), 0.85, 1)  # fmt: skip
    before = network.get_weights()
    for layer in network.layers[:-1]:
        layer.trainable = False
    network.pop()
    network.add(nn.Dense(5, "softmax"))
    network.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    network.fit(images[few], y[few] - 5, epochs=200, verbose=0)
    unchanged = sum(map(np.array_equal, network.get_weights(), before))
    yield near("of its arrays of weights, those that stayed as they were", unchanged, 4)
    yield between("accuracy when a new last layer alone has learnt them",
                  network.evaluate(images[test], y[test] - 5)[1], 0.8, 1)  # fmt: skip


def picture():
    accuracies = {figure.name: figure.obtained for figure in run() if "accuracy" in figure.name}
    return bars(places(size=(7.4, 2.2)), accuracies, xlabel="accuracy", xlim=(0, 1.1))


if __name__ == "__main__":
    report(run, picture)
