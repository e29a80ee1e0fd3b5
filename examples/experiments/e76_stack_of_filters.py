"""
E76: A stack of filters
=======================

Six 5 x 5 x 3 filters on a 32 x 32 x 3 image.
"""

import numpy as np
from shared_figures import between, near, report
from sklearn.datasets import load_sample_image

from skarma import demos


def image():
    """Of a photograph of a flower, 32 x 32 pixels in three channels, from 0 to 1."""
    return load_sample_image("flower.jpg")[100:356:8, 260:516:8] / 255


def stack():
    filters = np.random.RandomState(0).standard_normal((6, 5, 5, 3))
    return demos.filter_image(image(), filters - filters.mean(axis=(1, 2), keepdims=True))


def run():
    made = stack()
    for name, size, expected in zip(("height", "width", "filters"), made.responses.shape,
                                    (28, 28, 6), strict=True):  # fmt: skip
        yield near(name, size, expected)
    yield near("parameters", made.n_parameters, 456)
    window = made.image[4:9, 7:12]
    by_hand = (window * made.filters[2]).sum()
    error = abs(made.responses[4, 7, 2] - by_hand)
    yield between("a response - the sum of products of its window", error, 0, 1e-12)


def picture():
    return stack().plot()


if __name__ == "__main__":
    report(run, picture)
