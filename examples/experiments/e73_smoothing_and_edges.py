"""
E73: Smoothing and edges
========================

A Gaussian kernel smooths a random walk; a difference finds edges; the same for images.
"""

import numpy as np
from shared_figures import between, near, report
from sklearn.datasets import load_digits

from skarma import demos

PRINTED = (0.003, 0.009, 0.021, 0.044, 0.077, 0.117, 0.149, 0.162)


def walk():
    return np.cumsum(np.random.RandomState(0).standard_normal(300))


def run():
    kernel = demos.gaussian_kernel()
    for number, expected in enumerate(PRINTED):
        yield near(f"kernel, point {number}", kernel[number], expected, 5e-4)
    yield near("its sum - 1", kernel.sum() - 1, 0, 1e-15)
    smooth = demos.convolve_sequence(walk(), kernel).valid
    roughness = np.diff(smooth).var() / np.diff(walk()).var()
    yield between("variance of steps, smoothed walk / walk", roughness, 0.05, 0.3)
    step = np.repeat([0.0, 1.0], 10)
    edges = demos.convolve_sequence(step, [1, 0, -1]).valid
    yield near("places where a step responds to (1, 0, -1)", (edges != 0).sum(), 2)
    image = load_digits().images[0]
    blurred = demos.filter_image(image, np.outer(demos.gaussian_kernel(3, 1.0),
                                                 demos.gaussian_kernel(3, 1.0)))  # fmt: skip
    rows = [demos.convolve_sequence(row, demos.gaussian_kernel(3, 1.0)).valid for row in image]
    columns = [
        demos.convolve_sequence(column, demos.gaussian_kernel(3, 1.0)).valid
        for column in np.array(rows).T
    ]
    error = np.abs(blurred.responses[..., 0] - np.array(columns).T).max()
    yield between("outer product - rows, then columns", error, 0, 1e-12)


def picture():
    return demos.convolve_sequence(walk(), demos.gaussian_kernel()).plot()


if __name__ == "__main__":
    report(run, picture)
