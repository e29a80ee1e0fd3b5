"""
E75: Sizes of convolutions
==========================

Sizes of convolutions, (N - F) / stride + 1, padded (N - F + 2 P) / stride + 1.
"""

import numpy as np
from shared_figures import near, report
from shared_pictures import curves, places

from skarma import demos


def run():
    yield near("N 7, F 3, stride 1", demos.output_size(7, 3), 5)
    yield near("N 7, F 3, stride 2", demos.output_size(7, 3, stride=2), 3)
    yield near("N 7, F 3, stride 1, padded by 1", demos.output_size(7, 3, padding=1), 7)
    yield near("N 32, F 5, stride 1, padded by 2", demos.output_size(32, 5, padding=2), 32)
    wrong = 0
    for n in range(3, 20):
        for size in range(1, 4):
            for stride in range(1, 4):
                made = demos.filter_image(np.zeros((n, n)), np.ones((size, size)), stride)
                wrong += made.responses.shape[0] != demos.output_size(n, size, stride)
    yield near("of 153 images whose responses have another size", wrong, 0)


def picture():
    sizes = np.arange(5, 33)
    lines = {
        f"F {size}, stride {stride}, padded by {padding}": [
            demos.output_size(n, size, stride=stride, padding=padding) for n in sizes
        ]
        for size, stride, padding in ((3, 1, 0), (3, 1, 1), (5, 1, 0), (3, 2, 1), (5, 4, 0))
    }
    return curves(places(), lines, sizes, xlabel="N", ylabel="size of the responses")


if __name__ == "__main__":
    report(run, picture)
