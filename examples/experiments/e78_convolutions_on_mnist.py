"""
E78: A convolutional network on MNIST
=====================================

A convolutional network on MNIST.

Two convolutions of 32 filters, each followed by a pool, and a dense layer of 64 units, by Adam in
batches of 128, a tenth of the images for validation. By default two epochs of 6,000 images; three
epochs of all of them with ``--full``.
"""

import numpy as np
from shared_figures import between, mnist, near, report
from shared_pictures import digits

from skarma import demos, nn


def network():
    model = nn.Sequential(
        [
            nn.Conv2D(32, (3, 3), activation="relu", input_shape=(28, 28, 1)),
            nn.MaxPool2D((2, 2)),
            nn.Conv2D(32, (3, 3), activation="relu"),
            nn.MaxPool2D((2, 2)),
            nn.Flatten(),
            nn.Dense(64, activation="relu"),
            nn.Dense(10, activation="softmax"),
        ],
        random_state=0,
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def run(full=False):
    model = network()
    counts = [line.n_params for line in model.summary().layers if line.n_params]
    for place, expected in enumerate((320, 9248, 51264, 650)):
        yield near(f"parameters of layer {place + 1} of those with some", counts[place], expected)
    yield near("all parameters", model.count_params(), 61482)
    X, y, X_test, y_test = mnist()
    X, X_test = X.reshape(-1, 28, 28, 1), X_test.reshape(-1, 28, 28, 1)
    n, epochs = (60000, 3) if full else (6000, 2)
    history = model.fit(
        X[:n], y[:n], batch_size=128, epochs=epochs, validation_split=0.1, verbose=0
    ).history
    _, accuracy = model.evaluate(X_test, y_test)
    if full:
        yield between("validation accuracy after 1 epoch", history["val_accuracy"][0], 0.970, 0.986)
        yield between(
            "validation accuracy after 3 epochs", history["val_accuracy"][2], 0.982, 0.990
        )
        yield between("test accuracy after 3 epochs", accuracy, 0.980, 0.990)
    else:
        yield between("validation accuracy after 2 epochs", history["val_accuracy"][1], 0.86, 0.97)
        yield between("test accuracy after 2 epochs", accuracy, 0.86, 0.97)


def picture():
    """What the first filters make of a digit, after two epochs of scikit-learn's, enlarged."""
    X, y = digits()
    images = np.kron(X.reshape(-1, 8, 8), np.ones((1, 3, 3)))
    images = np.pad(images, ((0, 0), (2, 2), (2, 2)))[..., None]
    model = network()
    model.fit(images, y, batch_size=128, epochs=2, verbose=0)
    filters = np.moveaxis(model.get_weights()[0], -1, 0)
    return demos.filter_image(images[5], filters[:6]).plot()


if __name__ == "__main__":
    report(run, picture)
