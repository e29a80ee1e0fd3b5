"""What the experiments share: figures beside what is expected of them, and the data."""

from dataclasses import dataclass

import numpy as np
from sklearn.datasets import load_breast_cancer, make_moons
from sklearn.model_selection import train_test_split


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
        verdict = "as expected" if figure.holds else "NOT AS EXPECTED"
        print(f"{figure.name:44} {figure.obtained:12.6g}   {figure.expected:22} {verdict}")


# ---- data


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
