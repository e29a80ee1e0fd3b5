"""
E90: A dense autoencoder
========================

A dense autoencoder is a regression of its own inputs; a linear one is PCA.
"""

import warnings

from shared_figures import between, near, report
from shared_pictures import places
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skarma import MLPRegressor


def fitted():
    """Centred digits, a linear autoencoder, one with three hidden layers, and the mean digit."""
    X = load_digits().data / 16
    mean = X.mean(axis=0)
    X = X - mean
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = {"solver": "lbfgs", "alpha": 0, "random_state": 0}
        linear = MLPRegressor(hidden_layer_sizes=(8,), activation="identity", **settings)
        linear.set_params(max_iter=2000, max_fun=10**5, tol=1e-7).fit(X, X)
        deep = MLPRegressor(hidden_layer_sizes=(40, 8, 40), activation="tanh", **settings)
        deep.set_params(max_iter=300).fit(X, X)
    return X, linear, deep, mean


def run():
    X, linear, deep, _ = fitted()
    pca = PCA(8).fit(X)
    least = ((pca.inverse_transform(pca.transform(X)) - X) ** 2).mean()
    yield near("error of a linear one over that of PCA",
               ((linear.predict(X) - X) ** 2).mean() / least, 1, 0.01)  # fmt: skip
    yield between("error of one with three hidden layers over that of PCA",
                  ((deep.predict(X) - X) ** 2).mean() / least, 0.3, 0.95)  # fmt: skip


def picture():
    """Digits, and what is left of them behind eight numbers."""
    X, linear, deep, mean = fitted()
    all_axes = places(3, 8, (8, 3.4))
    rows = (("input", X), ("linear", linear.predict(X)), ("deep", deep.predict(X)))
    for axes, (name, images) in zip(all_axes, rows, strict=True):
        axes[0].set_ylabel(name)
        for place, image in zip(axes, images, strict=False):
            place.imshow((image + mean).reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            place.set(xticks=[], yticks=[])
    return all_axes


if __name__ == "__main__":
    report(run, picture)
