"""E90: a dense autoencoder is a regression of its own inputs; a linear one is PCA."""

import warnings

from shared_figures import between, near, show
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from skarma import MLPRegressor


def run():
    X = load_digits().data / 16
    X = X - X.mean(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = {"solver": "lbfgs", "alpha": 0, "random_state": 0}
        linear = MLPRegressor(hidden_layer_sizes=(8,), activation="identity", **settings)
        linear.set_params(max_iter=2000, max_fun=10**5, tol=1e-7).fit(X, X)
        pca = PCA(8).fit(X)
        least = ((pca.inverse_transform(pca.transform(X)) - X) ** 2).mean()
        yield near("error of a linear one over that of PCA",
                   ((linear.predict(X) - X) ** 2).mean() / least, 1, 0.01)  # fmt: skip
        deep = MLPRegressor(hidden_layer_sizes=(40, 8, 40), activation="tanh", **settings)
        deep.set_params(max_iter=300).fit(X, X)
        yield between("error of one with three hidden layers over that of PCA",
                      ((deep.predict(X) - X) ** 2).mean() / least, 0.3, 0.95)  # fmt: skip


if __name__ == "__main__":
    show(run())
