"""
E71: A network-building function as an estimator
================================================

A function that builds a compiled network is an estimator, which a grid search takes.

784-units-10 on MNIST, Adam with 1e-3, batches of 32, over epochs and units, five folds of
neighbouring samples. By default 2,000 images and four candidates; with ``--full`` 60,000 and
the three of one epoch, for which the table of E14 says .930 to .955.
"""

from shared_figures import between, mnist, near, report
from shared_pictures import bars, places, whole_figures
from sklearn.model_selection import KFold

from skarma import nn
from skarma.model_selection import GridSearchCV


def network(units=32):
    layers = [nn.Dense(units, "relu", input_shape=(784,)), nn.Dense(10, "softmax")]
    model = nn.Sequential(layers, random_state=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def run(full=False):
    X, y, _, _ = mnist()
    n = 60000 if full else 2000
    grid = (
        {"epochs": [1], "units": [32, 64, 256]} if full else {"epochs": [1, 5], "units": [32, 64]}
    )
    search = GridSearchCV(nn.Classifier(network), grid, cv=KFold(5)).fit(X[:n], y[:n])
    scores = search.cv_results_["mean_test_score"]
    if full:
        for units, score, low, high in zip(
            (32, 64, 256), scores, (0.924, 0.935, 0.953), (0.937, 0.949, 0.966), strict=True
        ):
            yield between(f"test accuracy, {units} units, 1 epoch", score, low, high)
    else:
        yield near("epochs of the best", search.best_params_["epochs"], 5)
        yield between("test accuracy of the best", search.best_score_, 0.85, 0.92)
        yield between("test accuracy, 32 units, 1 epoch", scores[0], 0.55, 0.80)


def picture():
    """Of the whole run."""
    return bars(places(size=(6.4, 2.4)), whole_figures("E71"), xlabel="accuracy", xlim=(0.9, 0.97))


if __name__ == "__main__":
    report(run, picture)
