"""Layers of `skarma.nn`, those of images among them, written in the terms of skarma.autodiff, whose
gradients are those of the networks' own backward passes: a step of gradient descent on all samples.
"""

import numpy as np
import pytest

from skarma import nn
from skarma.autodiff import Variable, exp, log, maximum, sqrt

RATE = 0.25
N = 5
CLASSES = np.arange(N) % 3


class Places:
    """What a window sees of an image: the numbers of the pixels for each place, -1 outside."""

    def __init__(self, shape, size, strides, padding):
        sides = [self._side(*side, padding) for side in zip(shape, size, strides, strict=False)]
        (rows, tops), (columns, lefts) = sides
        seen = []
        for top in tops:
            for left in lefts:
                for y in range(top, top + size[0]):
                    for x in range(left, left + size[1]):
                        inside = 0 <= y < shape[0] and 0 <= x < shape[1]
                        seen.append(y * shape[1] + x if inside else -1)
        self.shape, self.output = shape, (rows, columns)
        self.pixels = np.reshape(seen, (rows * columns, -1))

    @staticmethod
    def _side(length, size, stride, padding):
        n = -(-length // stride) if padding == "same" else (length - size) // stride + 1
        before = max((n - 1) * stride + size - length, 0) // 2 if padding == "same" else 0
        return n, [i * stride - before for i in range(n)]

    def seen(self, x, outside=0.0):
        """Shape (samples, places, pixels, channels)."""
        height, width, channels = self.shape
        n_pixels = height * width
        gather = np.zeros((n_pixels, self.pixels.size))
        for k, pixel in enumerate(self.pixels.ravel()):
            if pixel >= 0:
                gather[pixel, k] = 1
        by_channel = [x.reshape(N, n_pixels, channels)[:, :, c] @ gather for c in range(channels)]
        shape = (N, *self.pixels.shape)
        beyond = np.where(self.pixels < 0, outside, 0.0)
        return [one.reshape(*shape) + beyond for one in by_channel]


def conv2d(x, shape, coefs, biases, strides=(1, 1), padding="valid"):
    places = Places(shape, coefs.shape[:2], strides, padding)
    n_filters = coefs.shape[3]
    total = 0
    for c, seen in enumerate(places.seen(x)):
        rows = seen.reshape(-1, seen.shape[2])
        total = rows @ coefs[:, :, c, :].reshape(-1, n_filters) + total
    return total + biases, (*places.output, n_filters)


def joined(by_channel, places, channels):
    """Columns of channels beside each other, as rows of pixels."""
    total = 0
    for c, column in enumerate(by_channel):
        total = column.reshape(-1, 1) @ np.eye(channels)[c : c + 1] + total
    return total, (*places.output, channels)


def max_pool(x, shape, size, strides, padding):
    places = Places(shape, size, strides, padding)
    return joined([seen.max(2) for seen in places.seen(x, -1e9)], places, shape[2])


def average_pool(x, shape, size, strides, padding):
    places = Places(shape, size, strides, padding)
    n_seen = (places.pixels >= 0).sum(axis=1)
    return joined([seen.sum(2) / n_seen for seen in places.seen(x)], places, shape[2])


def normalised(x, axis):
    distance = x - x.mean(axis, keepdims=True)
    return distance / sqrt((distance**2).mean(axis, keepdims=True) + 1e-5)


class Formula:
    """A network's outputs of its weights, which are variables."""

    def __init__(self, weights):
        self.weights = [Variable(w) for w in weights]
        self.left = list(self.weights)

    def take(self, n):
        taken, self.left = self.left[:n], self.left[n:]
        return taken

    def apply(self, layer, x, shape):
        """`x` is rows of pixels with a column a channel, or of a dense layer's units."""
        kind = type(layer).__name__
        n = N
        if kind == "Dense":
            coefs, biases = self.take(2)
            x, shape = x.reshape(n, -1) @ coefs + biases, (layer.units,)
        elif kind == "Conv2D":
            pair = (lambda v: (v, v) if isinstance(v, int) else v)(layer.strides)
            x, shape = conv2d(x, shape, *self.take(2), pair, layer.padding)
        elif kind == "MaxPool2D":
            x, shape = max_pool(x, shape, layer.pool_size, layer.strides, layer.padding)
        elif kind == "AveragePool2D":
            x, shape = average_pool(x, shape, layer.pool_size, layer.strides, layer.padding)
        elif kind == "GlobalAveragePool2D":
            x, shape = x.reshape(n, -1, shape[-1]).mean(1), (shape[-1],)
        elif kind == "BatchNorm":
            gamma, beta, *_ = self.take(4)
            x = normalised(x, 0) * gamma + beta
        elif kind == "LayerNorm":
            gamma, beta = self.take(2)
            x = normalised(x, 1) * gamma + beta
        elif kind == "Rescale":
            x = x * layer.scale + layer.offset
        elif kind == "Flatten":
            x, shape = x.reshape(n, -1), (int(np.prod(shape)),)
        elif kind == "Residual":
            inner, before = x, shape
            for one in layer.layers:
                inner, before = self.apply(one, inner, before)
            x = x + inner
        elif kind != "Activation":
            pytest.fail(f"there is no formula for {kind}")
        if getattr(layer, "activation", None) == "relu":
            x = maximum(x, 0)
        return x, shape


def cross_entropy(z):
    e = exp(z - z.value.max(axis=1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    return -log((p * np.eye(3)[CLASSES]).sum(1)).mean()


IMAGES = (6, 5, 2)
NETWORKS = {
    "convolutions": [
        nn.Conv2D(3, (3, 2), activation="relu", input_shape=IMAGES),
        nn.Conv2D(4, (2, 3), strides=(2, 1), padding="same"),
        nn.Flatten(),
    ],
    "largest values": [
        nn.Conv2D(3, (2, 2), padding="same", input_shape=IMAGES),
        nn.MaxPool2D((2, 2), (2, 1)),
        nn.Conv2D(2, (1, 1), activation="relu"),
        nn.MaxPool2D((2, 3), (2, 2), padding="same"),
        nn.Flatten(),
    ],
    "means": [
        nn.Conv2D(3, (2, 2), input_shape=IMAGES),
        nn.AveragePool2D((2, 2), (1, 2), padding="same"),
        nn.Rescale(0.5, 0.25),
        nn.Conv2D(4, (1, 2), activation="relu"),
        nn.GlobalAveragePool2D(),
    ],
    "norms by channel": [
        nn.BatchNorm(input_shape=IMAGES),
        nn.Conv2D(3, (2, 2), activation="relu"),
        nn.BatchNorm(),
        nn.Conv2D(3, (2, 2)),
        nn.LayerNorm(),
        nn.Flatten(),
    ],
    "a residual block": [
        nn.Conv2D(3, (2, 2), activation="relu", input_shape=IMAGES),
        nn.Residual([nn.Conv2D(3, (3, 3), padding="same", activation="relu"), nn.BatchNorm()]),
        nn.Residual([nn.Conv2D(3, (1, 1))]),
        nn.Flatten(),
        nn.Dense(4, "relu"),
        nn.LayerNorm(),
        nn.Residual([nn.Dense(4)]),
    ],
}


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_of_layers_are_those_of_autodiff(name):
    layers = NETWORKS[name]
    x = np.random.RandomState(1).normal(size=(N, *IMAGES))
    model = nn.Sequential([*layers, nn.Dense(3, "softmax")], random_state=0, dtype="float64")
    model.compile(nn.SGD(learning_rate=RATE), "sparse_categorical_crossentropy")
    random = np.random.RandomState(2)
    before = [w + random.uniform(0, 0.2, w.shape) for w in model.get_weights()]
    model.set_weights(before)
    formula = Formula(before)
    values, shape = Variable(x.reshape(-1, IMAGES[2])), IMAGES
    for layer in layers:
        values, shape = formula.apply(layer, values, shape)
    coefs, biases = formula.take(2)
    assert not formula.left
    loss = cross_entropy(values.reshape(N, -1) @ coefs + biases)
    loss.backward()
    history = model.fit(x, CLASSES, batch_size=N, verbose=0)
    assert history.history["loss"][0] == pytest.approx(float(loss.value), rel=1e-12)
    # What normalises has moving statistics, too, which have no gradient.
    moved = 0
    for weight, old, new in zip(formula.weights, before, model.get_weights(), strict=True):
        if weight.grad is None or not np.any(weight.grad):
            continue
        np.testing.assert_allclose((old - new) / RATE, weight.grad, atol=1e-12, err_msg=name)
        moved += 1
    assert moved >= len(before) - 2 * str(layers).count("BatchNorm") - 1


def test_there_is_a_formula_for_every_layer():
    written = str(list(NETWORKS.values()))
    layers = {
        name
        for name in nn.__all__
        if isinstance(kind := getattr(nn, name), type) and issubclass(kind, nn.Layer)
    }
    #: Activations are test_autodiff_layers.py's; Dropout draws.
    assert {name for name in layers - {"Layer", "Activation", "Dropout"} if name in written} == (
        layers - {"Layer", "Activation", "Dropout"}
    )
