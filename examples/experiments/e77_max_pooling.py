"""
E77: Max pooling
================

2 x 2 max pooling with stride 2; its gradient goes to where the largest was.
"""

import numpy as np
from shared_figures import near, report

from skarma import demos

IMAGES = {
    "first": ([[12, 20, 30, 0], [8, 12, 2, 0], [34, 70, 37, 4], [112, 100, 25, 12]],
              [[20, 30], [112, 37]]),
    "second": ([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]], [[6, 8], [3, 4]]),
    "third": ([[4, 1, 5, 0], [7, 8, 9, 8], [3, 5, 6, 5], [2, 4, 1, 0]], [[8, 9], [5, 6]]),
}  # fmt: skip


def run():
    for name, (image, expected) in IMAGES.items():
        pooling = demos.max_pool(image)
        for (i, j), value in np.ndenumerate(pooling.pooled):
            yield near(f"{name} image, window {i}, {j}", value, expected[i][j])
    pooling = demos.max_pool(IMAGES["first"][0])
    back = pooling.backward([[1, 2], [3, 4]])
    yield near("gradient at the 20 of the first image", back[0, 1], 1)
    yield near("at its 30", back[0, 2], 2)
    yield near("at its 112", back[3, 0], 3)
    yield near("at its 37", back[2, 2], 4)
    yield near("places with a gradient", (back != 0).sum(), 4)


def picture():
    return demos.max_pool(IMAGES["first"][0]).plot()


if __name__ == "__main__":
    report(run, picture)
