"""E05: the network of E04 with tanh, whose boundary is smooth."""

from e04_three_small_layers import run as three_small_layers
from shared_figures import show


def run():
    return three_small_layers("tanh")


if __name__ == "__main__":
    show(run())
