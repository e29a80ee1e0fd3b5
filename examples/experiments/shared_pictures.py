"""What pictures of experiments share: axes in skarma's style, and what is drawn more than once."""

import json
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

FULL = Path(__file__).with_name("full_figures.json")


def places(rows=1, columns=1, size=None, **options):
    """Axes of a new figure in skarma's style: one, or an array of them."""
    import matplotlib.pyplot as plt

    plt.style.use("skarma.skarma")
    size = size or (max(6.4, 3.4 * columns), 4.2 if rows == 1 else 2.8 * rows)
    return plt.subplots(rows, columns, figsize=size, **options)[1]


def boundary(axes, network, X, y, X_test=None, y_test=None, title=None):
    """The probability of the second class over two features, and the samples."""
    (left, low), (right, high) = X.min(axis=0) - 0.4, X.max(axis=0) + 0.4
    x, height = np.meshgrid(np.linspace(left, right, 120), np.linspace(low, high, 120))
    p = network.predict_proba(np.c_[x.ravel(), height.ravel()])[:, 1].reshape(x.shape)
    pale = {"cmap": "RdBu", "vmin": -0.7, "vmax": 1.7}
    axes.pcolormesh(x, height, p, shading="gouraud", rasterized=True, **pale)
    axes.contour(x, height, p, levels=[0.5], colors="0.3", linewidths=1)
    points = {"cmap": "RdBu", "vmin": -0.2, "vmax": 1.2, "edgecolor": "white", "linewidth": 0.6}
    axes.scatter(*X.T, c=y, s=26, **points)
    if X_test is not None:
        axes.scatter(*X_test.T, c=y_test, s=38, marker="^", label="test samples", **points)
    axes.set(title=title, xticks=[], yticks=[], xlim=(left, right), ylim=(low, high))
    if X_test is not None:
        axes.legend()
    return axes


def curves(axes, lines, x=None, marker="", **labels):
    """Lines by their names, over x or 1, 2, 3 ..."""
    for name, values in lines.items():
        at = np.arange(1, len(values) + 1) if x is None else x
        axes.plot(at, values, marker=marker, label=name)
    axes.set(**labels)
    if len(lines) > 1:
        axes.legend()
    return axes


def bars(axes, values, digits=3, **labels):
    """Lying bars by their names, with their figures."""
    names, lengths = list(values), list(values.values())
    drawn = axes.barh(names, lengths, height=0.65)
    axes.bar_label(drawn, [f"{length:.{digits}g}" for length in lengths], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.25)
    axes.set(**labels)
    return axes


def beside(axes, expected, obtained, **labels):
    """Points that lie on the diagonal where both are the same."""
    expected, obtained = np.ravel(expected), np.ravel(obtained)
    ends = [min(expected.min(), obtained.min()), max(expected.max(), obtained.max())]
    axes.plot(ends, ends, color="0.7", zorder=0)
    axes.plot(expected, obtained, "o")
    axes.set(**labels)
    return axes


def whole_figures(row):
    """Figures by their names that a whole run of an experiment has left."""
    kept = json.loads(FULL.read_text(encoding="utf-8"))[row]
    return {figure["name"]: figure["obtained"] for figure in kept}


def digits():
    """scikit-learn's 1,797 digits of 8 x 8 pixels, shape (n, 64), from 0 to 1, and labels."""
    X, y = load_digits(return_X_y=True)
    return X / 16, y
