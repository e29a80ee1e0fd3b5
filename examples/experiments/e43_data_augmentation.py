"""
E43: Augmentation
=================

Images that are moved and turned in training, others in each epoch.

A network of one hidden layer learns digits and is tested on others, as they are and moved by a
pixel or more, of which it has seen none unless training has moved its images. By default
scikit-learn's digits, 8 x 8 pixels, moved by one; MNIST's with --full, moved by three.
"""

import numpy as np
from shared_figures import between, mnist, near, report
from shared_pictures import places
from sklearn.datasets import load_digits

from skarma import nn


def digits():
    """scikit-learn's with two pixels of margin on each side, and the halves of train and test."""
    X, y = load_digits(return_X_y=True)
    X = np.pad(X.reshape(-1, 8, 8, 1) / 16, ((0, 0), (2, 2), (2, 2), (0, 0)))
    return X[:1000], y[:1000], X[1000:], y[1000:]


def mnist_images():
    X, y, X_test, y_test = mnist()
    return X.reshape(-1, 28, 28, 1), y, X_test.reshape(-1, 28, 28, 1), y_test


def fitted(X, y, units, epochs, augment):
    layers = [nn.Flatten(), nn.Dense(units, "relu"), nn.Dense(10, "softmax")]
    model = nn.Sequential(layers, random_state=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, y, batch_size=32, epochs=epochs, verbose=0, augment=augment)
    return model


def accuracies(model, X, y, step):
    """On images as they are, and on all that are moved by a step in one of four directions."""
    moved = [np.roll(X, by, axis) for axis in (1, 2) for by in (-step, step)]
    return model.evaluate(X, y)[1], np.mean([model.evaluate(x, y)[1] for x in moved])


def run(full=False):
    X, y, X_test, y_test = mnist_images() if full else digits()
    units, epochs, step = (128, 10, 3) if full else (64, 80, 1)
    size = X.shape[1]
    moves = [
        nn.RandomRotation(5, "constant"),
        nn.RandomTranslation(step / size, fill_mode="constant"),
    ]
    plain = accuracies(fitted(X, y, units, epochs, None), X_test, y_test, step)
    moving = accuracies(fitted(X, y, units, epochs, moves), X_test, y_test, step)
    yield between("accuracy without augmentation", plain[0], 0.97 if full else 0.9, 1)
    yield between("the same, moved images", plain[1], 0.3, 0.75)
    yield between("accuracy with augmentation", moving[0], 0.96 if full else 0.88, 1)
    yield between("the same, moved images", moving[1], 0.94 if full else 0.78, 1)

    def with_noise(x, generator):
        """What is not there is a function of the minibatch."""
        return x + generator.normal(scale=0.1, size=x.shape)

    flips = [nn.RandomCrop(2), nn.RandomFlip("horizontal"), nn.GaussianNoise(0.1), with_noise]
    one, other = (fitted(X[:200], y[:200], 8, 2, flips).get_weights()[0] for _ in range(2))
    yield near("a fit with crops, flips, noise and a function is repeated, bit by bit",
               np.array_equal(one, other), 1)  # fmt: skip


def picture():
    """A digit as it is, and what each augmentation makes of it, five times."""
    image = digits()[0][:1]
    augmentations = [
        nn.RandomTranslation(0.15, fill_mode="constant"),
        nn.RandomRotation(25, "constant"),
        nn.RandomFlip("horizontal"),
        nn.RandomCrop(2),
        nn.GaussianNoise(0.1),
    ]
    all_axes = places(len(augmentations), 6, (7.4, 6.4))
    for row, augmentation in zip(all_axes, augmentations, strict=True):
        row[0].set_ylabel(type(augmentation).__name__, rotation=0, ha="right", va="center")
        for column, axes in enumerate(row):
            shown = augmentation(image, random_state=column) if column else image
            axes.imshow(shown[0, ..., 0], cmap="gray_r", vmin=0, vmax=1)
            axes.set(xticks=[], yticks=[])
    return all_axes


if __name__ == "__main__":
    report(run, picture)
