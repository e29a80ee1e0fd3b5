"""
E72: Convolution of sequences
=============================

The convolution of two sequences: valid, same, full.
"""

from shared_figures import near, report

from skarma import demos

F, G = [0, 1, 2, 0, 1, 1, 0, 0, 1, 0], [-1, 2, -1]
VALID = [0, 3, -3, 1, 1, -1, -1, 2]
SAME = [-1, 0, 3, -3, 1, 1, -1, -1, 2, -1]


def run():
    made = demos.convolve_sequence(F, G)
    for name, values, expected in (("valid", made.valid, VALID), ("same", made.same, SAME)):
        yield near(f"values, {name}", len(values), len(expected))
        yield near(f"of them as printed, {name}", (values == expected).sum(), len(expected))
    yield near("values, full", len(made.full), 12)
    yield near("values of full about its middle that are not those of same",
               (made.full[1:-1] != SAME).sum(), 0)  # fmt: skip
    yield near("valid is shorter by", len(F) - len(made.valid), len(G) - 1)


def picture():
    return demos.convolve_sequence(F, G).plot()


if __name__ == "__main__":
    report(run, picture)
