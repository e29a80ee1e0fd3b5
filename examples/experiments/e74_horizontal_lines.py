"""
E74: A filter of horizontal lines
=================================

A 3 x 3 filter that responds to horizontal lines.
"""

import numpy as np
from shared_figures import near, report

from skarma import demos


def image():
    """A horizontal line, a vertical one, and a plane."""
    pixels = np.zeros((12, 12))
    pixels[3, 1:7] = 1
    pixels[1:11, 9] = 1
    return pixels


def run():
    made = demos.filter_image(image(), demos.HORIZONTAL_LINES).responses[..., 0]
    yield near("response within the horizontal line", made[2, 3], 6)
    yield near("beside it", made[1, 3], -3)
    yield near("within the vertical line", made[5, 8], 0)
    yield near("where nothing is", made[8, 2], 0)
    upright = demos.filter_image(image(), demos.HORIZONTAL_LINES.T).responses[..., 0]
    yield near("of the transposed filter, within the vertical line", upright[5, 8], 6)
    yield near("and within the horizontal one", upright[2, 3], 0)


def picture():
    return demos.filter_image(image(), demos.HORIZONTAL_LINES).plot()


if __name__ == "__main__":
    report(run, picture)
