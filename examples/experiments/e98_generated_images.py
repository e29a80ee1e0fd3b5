"""
E98: Convolutions on generated images
=====================================

Convolutional networks of an exercise with CIFAR-10, on generated images of its shape.

CIFAR-10 is not at hand. 32 x 32 pixels of three colours show rings about a point anywhere, whose
wave length is their class, of ten. Weight decay of 1e-4, dropout, images that are cropped and
mirrored, the learning rate falling by a cosine and by a line, a network that is saved and loaded.
"""

import tempfile

import numpy as np
from shared_figures import between, near, report
from shared_pictures import places

import skarma
from skarma import nn


def rings(n, seed):
    """Images of shape (n, 32, 32, 3) and the class of each."""
    random_state = np.random.RandomState(seed)
    y = random_state.randint(10, size=n)
    centre = random_state.uniform(0, 32, size=(n, 2, 1, 1))
    rows, columns = np.mgrid[:32, :32]
    distance = np.hypot(rows - centre[:, 0], columns - centre[:, 1])
    length = 3.0 * 1.2 ** y[:, np.newaxis, np.newaxis]
    phase = random_state.uniform(0, 2 * np.pi, size=(n, 1, 1))
    waves = np.sin(2 * np.pi * distance / length + phase)
    colours = random_state.uniform(0.2, 1, size=(n, 1, 1, 3))
    noise = random_state.normal(scale=0.3, size=(n, 32, 32, 3))
    return (waves[..., np.newaxis] * colours + noise).astype(np.float32), y


def network(schedule, dropout=0.1, dtype="float32"):
    model = nn.Sequential(
        [
            nn.Conv2D(16, (3, 3), padding="same", activation="relu", input_shape=(32, 32, 3)),
            nn.MaxPool2D((2, 2)),
            nn.Conv2D(32, (3, 3), padding="same", activation="relu"),
            nn.MaxPool2D((2, 2)),
            nn.Conv2D(32, (3, 3), padding="same", activation="relu"),
            nn.GlobalAveragePool2D(),
            nn.Dropout(dropout),
            nn.Dense(10, activation="softmax"),
        ],
        random_state=0,
        dtype=dtype,
    )
    optimizer = nn.AdamW(learning_rate=0.003, weight_decay=1e-4, schedule=schedule)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def gradient_error():
    """Of a step's gradient beside central differences of the loss, relative to its largest."""
    X, y = rings(12, 2)
    model = network("constant", dropout=0.0, dtype="float64")
    model.compile(nn.SGD(learning_rate=1.0), "sparse_categorical_crossentropy")
    before = model.get_weights()
    model.fit(X, y, batch_size=12, verbose=0, shuffle=False)
    gradient = [w - now for w, now in zip(before, model.get_weights(), strict=True)]
    random_state, step, errors = np.random.RandomState(0), 1e-6, []
    for array, slopes in zip(before, gradient, strict=True):
        for place in random_state.choice(array.size, 5):
            losses = []
            for sign in (1, -1):
                weights = [w.copy() for w in before]
                weights[[w is array for w in before].index(True)].flat[place] += sign * step
                model.set_weights(weights)
                losses.append(model.evaluate(X, y))
            errors.append((losses[0] - losses[1]) / (2 * step) - slopes.flat[place])
    return np.abs(errors).max() / max(np.abs(slopes).max() for slopes in gradient)


def rates(model, X, y, epochs, augment, callbacks):
    """The learning rate of each epoch of a fit."""
    seen = []

    class Rates(nn.Callback):
        def on_epoch_begin(self, epoch, logs):
            seen.append(self.model.learning_rate)

    model.fit(X, y, 32, epochs, verbose=0, callbacks=[*callbacks, Rates()], augment=augment)
    return seen


def run(full=False):
    n, epochs = (10_000, 15) if full else (1500, 6)
    (X, y), (X_test, y_test) = rings(n, 0), rings(1000, 1)
    augment = [nn.RandomCrop(4, fill_mode="reflect"), nn.RandomFlip("horizontal")]
    counts = [line.n_params for line in network("constant").summary().layers if line.n_params]
    for place, expected in enumerate((448, 4640, 9248, 330)):
        yield near(f"parameters of layer {place + 1} of those with some", counts[place], expected)
    yield between("gradient beside central differences", gradient_error(), 0, 1e-6)
    linear = nn.LearningRateScheduler(lambda epoch, rate: 0.003 * (1 - epoch / epochs))
    for name, schedule, callbacks in (("cosine", "cosine", []), ("linear", "constant", [linear])):
        model = network(schedule)
        seen = rates(model, X, y, epochs, augment, callbacks)
        yield near(f"{name}: the first epoch's learning rate", seen[0], 0.003, 1e-9)
        falls = np.diff(seen)
        yield between(f"{name}: the last epoch's over the first's", seen[-1] / seen[0], 0, 0.35)
        if name == "linear":
            yield near("linear: its steps differ by", np.ptp(falls), 0, 1e-12)
        _, accuracy = model.evaluate(X_test, y_test)
        yield between(f"{name}: test accuracy", accuracy, 0.9, 1)
    with tempfile.TemporaryDirectory() as folder:
        model.save(folder + "/net.safetensors")
        loaded = skarma.load(folder + "/net.safetensors")
    same = np.array_equal(loaded.predict(X_test), model.predict(X_test))
    yield near("saved and loaded, predictions are the same bits", same, 1)


def picture():
    """An image of each class."""
    X, y = rings(200, 0)
    all_axes = places(2, 5, (7.4, 3.2))
    for label, axes in enumerate(all_axes.flat):
        axes.imshow(np.clip(0.5 + X[y == label][0] / 3, 0, 1))
        axes.set(title=f"class {label}", xticks=[], yticks=[])
    return all_axes


if __name__ == "__main__":
    report(run, picture)
