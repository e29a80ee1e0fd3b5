"""
E64-E69: Ten epochs of MNIST
============================

A dense network of 32 units on MNIST, by epochs, with validation and a history.

Batches of 128, Adam with 1e-3. First on all 60,000 images for 10 epochs, then on the first 54,000,
with the others for validation; with ``--full`` for 100 epochs, too. The figures are as far
apart as six seeds of scikit-learn's network.
"""

import json

import numpy as np
from shared_figures import HISTORY, between, mnist, near, report

from skarma import nn

ROWS = ("E64", "E65", "E66", "E67", "E68", "E69")


def network():
    model = nn.Sequential(
        [nn.Dense(32, "relu", input_shape=(784,)), nn.Dense(10, "softmax")], random_state=0
    )
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def prepared():
    """Rows of numbers from 0 to 1, and for each label 1 for the class and 0 for the others."""
    X, y, X_test, y_test = mnist()
    classes = np.eye(10, dtype="float32")
    return (
        X.reshape(len(X), 784).astype("float32"),
        classes[y.astype(int)],
        X_test.reshape(len(X_test), 784).astype("float32"),
        classes[y_test.astype(int)],
    )


def run(full=False):
    X, Y, X_test, Y_test = prepared()
    yield near("train samples", len(X), 60000)
    yield near("test samples", len(X_test), 10000)
    model = network()
    history = model.fit(X, Y, batch_size=128, epochs=10, verbose=0).history
    yield between("loss of epoch 1, printed 0.4996", history["loss"][0], 0.480, 0.540)
    yield between("accuracy of epoch 1, printed 0.8642", history["accuracy"][0], 0.850, 0.875)
    yield between("loss of epoch 10, printed 0.1020", history["loss"][-1], 0.095, 0.115)
    yield between("accuracy of epoch 10, printed 0.9703", history["accuracy"][-1], 0.965, 0.974)
    loss, accuracy = model.evaluate(X_test, Y_test)
    yield between("test loss, printed 0.120", loss, 0.115, 0.132)
    yield between("test accuracy, printed 0.966", accuracy, 0.960, 0.967)
    # Validation data win over a split.
    model = network()
    epochs = 100 if full else 10
    history = model.fit(
        X[:54000],
        Y[:54000],
        batch_size=128,
        epochs=epochs,
        verbose=0,
        validation_split=0.5,
        validation_data=(X[54000:], Y[54000:]),
    )
    figures = history.history
    yield between("loss of epoch 1, printed 0.5146", figures["loss"][0], 0.48, 0.56)
    yield between("validation loss of epoch 1, printed 0.2425", figures["val_loss"][0], 0.21, 0.26)
    yield between(
        "validation accuracy of epoch 1, printed 0.9322", figures["val_accuracy"][0], 0.925, 0.945
    )
    yield between(
        "validation accuracy of epoch 9, printed 0.9657", figures["val_accuracy"][8], 0.960, 0.971
    )
    yield near("epochs of the history", len(history.epoch), epochs)
    if full:
        rounded = {name: [float(f"{value:.5g}") for value in figures[name]] for name in figures}
        HISTORY.write_text(json.dumps(rounded) + "\n", encoding="utf-8")
        best = int(np.argmin(figures["val_loss"])) + 1
        yield between("epoch of the least validation loss", best, 10, 30)
        last = {name: column[-1] for name, column in figures.items()}
        yield between("validation loss of epoch 100, printed .1765", last["val_loss"], 0.15, 0.24)
        yield between("validation accuracy of epoch 100", last["val_accuracy"], 0.96, 0.972)
        yield between("loss of epoch 100, printed .0023", last["loss"], 0.001, 0.01)


def picture():
    """The history of 100 epochs, as the whole run has kept it."""
    history = nn.History()
    history.history = json.loads(HISTORY.read_text(encoding="utf-8"))
    history.epoch = list(range(len(history.history["loss"])))
    return history.plot()


if __name__ == "__main__":
    report(run, picture)
