"""What the experiments share: figures beside what is expected of them, and the data."""

import gzip
import inspect
import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

#: The figures of each epoch of E67's whole run.
HISTORY = Path(__file__).with_name("e67_history.json")


@dataclass(frozen=True)
class Figure:
    """A figure that an experiment gives, and the range that it is expected in."""

    name: str
    obtained: float
    low: float
    high: float

    @property
    def holds(self):
        return bool(self.low <= self.obtained <= self.high)

    @property
    def expected(self):
        middle = (self.low + self.high) / 2
        if self.low == self.high or self.high - self.low < 1e-4 * abs(middle):
            return f"{middle:.6g}"
        if np.isinf(self.high):
            return f"from {self.low:.4g}"
        return f"{self.low:.4g} to {self.high:.4g}"


def near(name, obtained, expected, tolerance=0.0):
    """A figure that is expected to be this one, give or take."""
    return Figure(name, float(obtained), expected - tolerance, expected + tolerance)


def between(name, obtained, low, high=np.inf):
    """A figure whose level is expected, where other digits depend on rounding or on a seed."""
    return Figure(name, float(obtained), low, high)


def show(figures):
    """Print each figure beside what is expected of it."""
    for figure in figures:
        verdict = "" if figure.holds else "   NOT AS EXPECTED"
        print(f"{figure.name:58} {figure.obtained:12.6g}   {figure.expected}{verdict}")


def wants_all():
    """Whether the command line asks for the whole of an experiment that is shortened otherwise."""
    return "--full" in sys.argv[1:]


def report(run, picture=None):
    """What a script does: print the figures, and draw the picture if the command line wants it.

    `picture` gives axes. They go into a file that is named, `... picture.png`, or with --show into
    a window. Where MNIST is wanted and not there, the figures are those of docs/experiments.md.
    """
    # Many are cut short where the lecture cuts them.
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    whole = {"full": wants_all()} if "full" in inspect.signature(run).parameters else {}
    try:
        show(run(**whole))
    except DataNotFound:
        print("MNIST is not where SKARMA_TEST_DATA says. docs/experiments.md has:\n")
        show_kept(Path(sys.argv[0]).name)
    files = [name for name in sys.argv[1:] if name.endswith((".png", ".pdf", ".svg"))]
    if picture and (files or "--show" in sys.argv[1:]):
        figure = np.ravel(picture())[0].figure
        for name in files:
            figure.savefig(name)
        if not files:
            import matplotlib.pyplot as plt

            plt.show()


def show_kept(script):
    """Print the figures of a script that docs/experiments.md has."""
    page = Path(__file__).parents[2] / "docs" / "experiments.md"
    own = False
    for line in page.read_text(encoding="utf-8").splitlines():
        row, _, name, expected, obtained, link, *_ = line.split(" | ") + [""] * 6
        own = f"[{script}]" in link if row != "| " else own
        if own and name:
            print(f"{name:58} {obtained:>12}   {expected}")


# ---- data


class DataNotFound(Exception):
    """A data set that is not part of this project, and not where it is looked for."""


def mnist():
    """MNIST's images, shape (n, 784), from 0 to 1, and labels: 60,000 to train on, 10,000 to test.

    From the folder that SKARMA_TEST_DATA names, by default shared/data beside the project.
    """
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("SKARMA_TEST_DATA", beside)) / "mnist"

    def read(name, header):
        path = folder / f"{name}.gz"
        if not path.exists():
            raise DataNotFound(f"{path} is not there: SKARMA_TEST_DATA names the folder of mnist")
        return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header)

    def pair(part):
        images = read(f"{part}-images-idx3-ubyte", 16).reshape(-1, 784)
        return images / 255, read(f"{part}-labels-idx1-ubyte", 8)

    return *pair("train"), *pair("t10k")


def moons():
    """100 points of two moons, in 75 to train on and 25 to test with."""
    X, y = make_moons(n_samples=100, noise=0.25, random_state=2)
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=42)
    return X_train, y_train, X_test, y_test


def cancer():
    """Breast cancer, 426 samples to train on and 143 to test with."""
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    return X_train, y_train, X_test, y_test


def wave():
    """100 points of sin(10 x) + 5 x with noise, sorted by x."""
    random_state = np.random.RandomState(0)
    x = np.sort(random_state.uniform(size=100))
    return x[:, None], np.sin(10 * x) + 5 * x + random_state.normal(0, 0.3, 100)
