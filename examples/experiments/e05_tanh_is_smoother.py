"""
E05: Two moons, three small layers, tanh
========================================

The network of E04 with tanh, whose boundary is smooth.
"""

from e04_three_small_layers import picture as drawn
from e04_three_small_layers import run as three_small_layers
from shared_figures import report


def run():
    return three_small_layers("tanh")


def picture():
    return drawn("tanh")


if __name__ == "__main__":
    report(run, picture)
