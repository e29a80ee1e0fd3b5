"""Networks as lists of layers, with the interface that Keras users know.

`Sequential` is compiled with an optimizer and a loss and trained by epochs, on skarma's engine and
in its training loop. Samples are rows of numbers, shape (n_samples, n_features), or images, shape
(n_samples, height, width, channels).

Examples
--------
>>> import numpy as np
>>> from skarma import nn
>>> x = np.random.RandomState(0).normal(size=(200, 8, 8, 1))
>>> y = (x[:, :4].sum(axis=(1, 2, 3)) > 0).astype(int)
>>> model = nn.Sequential(
...     [
...         nn.Conv2D(4, (3, 3), activation="relu", input_shape=(8, 8, 1)),
...         nn.MaxPool2D((2, 2)),
...         nn.Flatten(),
...         nn.Dense(2, activation="softmax"),
...     ],
...     random_state=0,
... )
>>> model.count_params()
114
>>> model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
>>> history = model.fit(x, y, epochs=20, verbose=0)
>>> sorted(history.history)
['accuracy', 'loss']
>>> model.predict(x).shape
(200, 2)
"""

from skarma.nn.augmentations import (
    Augmentation,
    GaussianNoise,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
)
from skarma.nn.callbacks import (
    Callback,
    CSVLogger,
    EarlyStopping,
    History,
    LearningRateScheduler,
    ModelCheckpoint,
)
from skarma.nn.estimators import Classifier, Regressor
from skarma.nn.layers import (
    Activation,
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool2D,
    Layer,
    LayerNorm,
    MaxPool2D,
    Rescale,
    Residual,
)
from skarma.nn.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    AMSGrad,
    GradientDescent,
    Lion,
    Nadam,
    RMSprop,
    Rprop,
)
from skarma.nn.sequential import Sequential

__all__ = [
    "SGD",
    "AMSGrad",
    "Activation",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Augmentation",
    "AveragePool2D",
    "BatchNorm",
    "CSVLogger",
    "Callback",
    "Classifier",
    "Conv2D",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "Flatten",
    "GaussianNoise",
    "GlobalAveragePool2D",
    "GradientDescent",
    "History",
    "Layer",
    "LayerNorm",
    "LearningRateScheduler",
    "Lion",
    "MaxPool2D",
    "ModelCheckpoint",
    "Nadam",
    "RMSprop",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "Regressor",
    "Rescale",
    "Residual",
    "Rprop",
    "Sequential",
]
