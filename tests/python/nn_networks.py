"""Networks and samples that tests of `skarma.nn` share."""

import numpy as np

from skarma import nn


def problem(n=60, n_classes=3):
    random_state = np.random.RandomState(0)
    x = random_state.normal(size=(n, 5))
    return x, np.abs(x[:, :n_classes]).argmax(axis=1)


def dense(**parameters):
    layers = [nn.Dense(8, "relu", input_shape=(5,)), nn.Dense(3, "softmax")]
    return nn.Sequential(layers, random_state=0, **parameters)


def compiled(metrics=("accuracy",), optimizer="adam", **parameters):
    model = dense(**parameters)
    model.compile(optimizer, "sparse_categorical_crossentropy", list(metrics))
    return model
