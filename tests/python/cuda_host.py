"""Fits and searches by the CUDA engine on this processor: a process of its own, as one process
keeps the first library of devices that it opens. Writes what became of them to a file:

    python cuda_host.py FILE
"""

import pickle
import sys
import warnings

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, make_regression
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, StandardScaler

import skarma
from skarma import nn
from skarma.model_selection import GridSearchCV

X, Y = load_iris(return_X_y=True)
NUMBERS = X[:, 0]
SEVERAL = X[:, :2]
WEIGHTS = np.arange(len(Y)) % 3 + 0.5

#: Estimator, targets, parameters beside the common ones.
CONFIGURATIONS = {
    "adam": (skarma.MLPClassifier, Y, {}),
    "sgd": (skarma.MLPClassifier, Y, {"solver": "sgd", "learning_rate": "adaptive"}),
    "sgd, no momentum": (skarma.MLPRegressor, NUMBERS, {"solver": "sgd", "momentum": 0.0}),
    "sgd, invscaling": (skarma.MLPClassifier, Y, {"solver": "sgd", "learning_rate": "invscaling"}),
    "rmsprop": (skarma.MLPClassifier, Y, {"solver": "rmsprop"}),
    "adamw": (skarma.MLPRegressor, NUMBERS, {"solver": "adamw", "weight_decay": 0.1}),
    "lbfgs": (skarma.MLPClassifier, Y, {"solver": "lbfgs"}),
    "lbfgs, numbers": (skarma.MLPRegressor, NUMBERS, {"solver": "lbfgs", "activation": "tanh"}),
    "lm": (skarma.MLPRegressor, NUMBERS, {"solver": "lm", "hidden_layer_sizes": (5,)}),
    "tanh": (skarma.MLPClassifier, Y, {"activation": "tanh", "alpha": 0.1}),
    "logistic": (skarma.MLPRegressor, NUMBERS, {"activation": "logistic"}),
    "gelu": (skarma.MLPClassifier, Y, {"activation": ["gelu", "silu"]}),
    "two classes": (skarma.MLPClassifier, Y > 0, {"batch_size": 33}),
    "several outputs": (skarma.MLPRegressor, SEVERAL, {"hidden_layer_sizes": (9,)}),
    "early stopping": (skarma.MLPClassifier, Y, {"early_stopping": True, "n_iter_no_change": 2}),
    "no shuffling": (skarma.MLPClassifier, Y, {"shuffle": False, "batch_size": 20}),
    "dropout": (skarma.MLPClassifier, Y, {"dropout": 0.2}),
    "batch_norm": (skarma.MLPClassifier, Y, {"batch_norm": True, "residual": True}),
    "orthogonal": (skarma.MLPClassifier, Y, {"init": "orthogonal(1.2)"}),
    "l1": (skarma.MLPClassifier, Y, {"l1": 2.0, "learning_rate_init": 0.01}),
    "clipped": (skarma.MLPRegressor, NUMBERS, {"clip_value": 0.05, "clip_norm": 0.1}),
    "max_norm": (skarma.MLPClassifier, Y, {"max_norm": 0.9, "solver": "sgd"}),
    "ensemble": (skarma.MLPClassifier, Y, {"n_members": 3}),
    "wide, restrained": (
        skarma.MLPClassifier,
        Y,
        {
            "hidden_layer_sizes": (150, 90),
            **{"l1": 0.5, "clip_value": 0.05, "clip_norm": 0.1, "max_norm": 0.9},
        },
    ),
    "layer_norm": (skarma.MLPClassifier, Y, {"layer_norm": True, "activation": "selu"}),
    "maxout": (skarma.MLPClassifier, Y, {"activation": "maxout(3)", "residual": True}),
    "noise": (skarma.MLPClassifier, Y, {"noise": 0.3, "dropout": [0.2, 0.1, 0.0]}),
    "huber": (skarma.MLPRegressor, NUMBERS, {"loss": "huber"}),
    "poisson": (skarma.MLPRegressor, np.round(NUMBERS), {"loss": "poisson"}),
    "float32": (skarma.MLPClassifier, Y, {"dtype": "float32"}),
    "wide": (skarma.MLPClassifier, Y, {"hidden_layer_sizes": (150, 90)}),
    "wide, float32": (
        skarma.MLPClassifier,
        Y,
        {"hidden_layer_sizes": (150, 90), "dtype": "float32"},
    ),
}


def fit(name, device, **more):
    estimator, y, parameters = CONFIGURATIONS[name]
    common = {"hidden_layer_sizes": (8, 8), "max_iter": 12, "random_state": 1}
    return estimator(**common | parameters | more, device=device).fit(X, y)


def sparse_fit(device):
    """Weighted one-hot columns behind nothing, as CSR."""
    from scipy.sparse import csr_matrix

    columns = csr_matrix(np.eye(3)[Y] * X[:, :1])
    common = {"hidden_layer_sizes": (5,), "max_iter": 9, "random_state": 0}
    network = skarma.MLPRegressor(**common, device=device)
    return network.fit(columns, NUMBERS, sample_weight=WEIGHTS)


def searches(device):
    """cv_results_ of searches whose fits go to the device in groups."""
    cancer = load_breast_cancer(return_X_y=True)
    numbers = make_regression(60, 7, random_state=0)
    common = {"hidden_layer_sizes": (10,), "max_iter": 6, "random_state": 0}
    network = skarma.MLPClassifier(**common, device=device)
    pipeline = make_pipeline(StandardScaler(), network)
    grid = {"mlpclassifier__alpha": [1e-4, 1e-2], "mlpclassifier__solver": ["adam", "lbfgs", "sgd"]}
    other = skarma.MLPRegressor(max_iter=5, random_state=0, early_stopping=True, device=device)
    sizes = {"hidden_layer_sizes": [(4,), (70, 60)], "learning_rate_init": [1e-3, 1e-2]}
    for search, data in (
        (GridSearchCV(pipeline, grid, cv=3, n_jobs=2, return_train_score=True), cancer),
        (
            GridSearchCV(other, sizes, cv=4, scoring=["r2", "neg_mean_squared_error"], refit="r2"),
            numbers,
        ),
        (
            GridSearchCV(
                make_pipeline(StandardScaler(), PCA(4), Normalizer(), network),
                grid | {"pca__n_components": [2, 5]},
                cv=2,
            ),
            cancer,
        ),
    ):
        yield scores_of(search.fit(*data))


def scores_of(search):
    assert search.search_path_ == "native", search.search_path_
    columns = search.cv_results_.items()
    return {name: column for name, column in columns if "_test_" in name or "_train_" in name}


ERRORS = [
    "r2",
    "neg_mean_squared_error",
    "neg_root_mean_squared_error",
    "neg_mean_absolute_error",
]
FOLDS = KFold(3, shuffle=True, random_state=0)
#: Estimator, X, y, scoring: of scores that are sums, but for the last.
SCORED = {
    "classes": (skarma.MLPClassifier, X, Y, ["accuracy", "neg_log_loss"]),
    "two classes": (skarma.MLPClassifier, X, Y > 0, {"accuracy": "accuracy", "l": "neg_log_loss"}),
    "labels": (skarma.MLPClassifier, X, np.c_[Y > 0, X[:, 0] > 5.8].astype(int), ["accuracy"]),
    "numbers": (skarma.MLPRegressor, X[:, 1:], NUMBERS, ERRORS),
    "several outputs": (skarma.MLPRegressor, X[:, 2:], SEVERAL, ERRORS),
    "float32": (skarma.MLPClassifier, X.astype(np.float32), Y, ["accuracy", "neg_log_loss"]),
    "others": (skarma.MLPClassifier, X, Y, ["accuracy", "f1_macro", "roc_auc_ovr"]),
}


def scored(name, device, weighted):
    """The scores of a search with those of the training parts; of weighted samples the
    estimator's own, to which the weights go, too."""
    estimator, x, y, scoring = SCORED[name]
    common = {"hidden_layer_sizes": (6,), "max_iter": 9, "random_state": 0}
    network = estimator(**common, device=device)
    grid = {"solver": ["adam", "lbfgs"], "alpha": [1e-4, 0.1]}
    options = {"refit": False, "return_train_score": True, "cv": FOLDS}
    if not weighted:
        return scores_of(GridSearchCV(network, grid, scoring=scoring, **options).fit(x, y))
    with sklearn.config_context(enable_metadata_routing=True):
        network.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        return scores_of(GridSearchCV(network, grid, **options).fit(x, y, sample_weight=WEIGHTS))


SEARCHES = [(name, weighted) for name in SCORED for weighted in (False, True)]


DIGITS, NUMERALS = load_digits(return_X_y=True)
IMAGES = (DIGITS[:300] / 16).reshape(-1, 8, 8, 1)


def image_network(filters=4, dtype="float64", device="cpu"):
    """All that sees windows, by a block (a few filters) or through products (many)."""
    network = nn.Sequential(
        [
            nn.Conv2D(filters, 3, padding="same", activation="relu"),
            nn.BatchNorm(),
            nn.Residual([nn.Conv2D(filters, 3, padding="same"), nn.LayerNorm()]),
            nn.MaxPool2D(2),
            nn.Dropout(0.1),
            nn.Conv2D(2 * filters, 2, strides=(2, 1), activation="gelu"),
            nn.AveragePool2D((1, 2)),
            nn.Flatten(),
            nn.Dense(10, "softmax"),
        ],
        random_state=0,
        dtype=dtype,
    )
    loss = "sparse_categorical_crossentropy"
    network.compile(nn.Adam(learning_rate=0.01), loss, metrics=["accuracy"], device=device)
    return network


IMAGE_NETWORKS = [(4, "float64"), (4, "float32"), (40, "float64"), (40, "float32")]


def image_fit(filters, dtype, device):
    """History, weights, outputs, evaluation. The best epoch's weights come back."""
    network = image_network(filters, dtype, device)
    stop = nn.EarlyStopping("loss", min_delta=0.5, patience=2, restore_best_weights=True)
    history = network.fit(
        *(IMAGES, NUMERALS[:300]), batch_size=64, epochs=9, callbacks=[stop], verbose=0
    )
    figures = network.evaluate(IMAGES, NUMERALS[:300])
    return history.history, network.get_weights(), network.predict(IMAGES), figures


def image_search(device):
    """Of a classifier, whose network is told the device."""

    def build(filters=4):
        return image_network(filters)

    classifier = nn.Classifier(build, device=device, epochs=2)
    search = GridSearchCV(classifier, {"filters": [2, 4]}, cv=2)
    return search.fit(IMAGES, NUMERALS[:300]).cv_results_["mean_test_score"]


def main(file):
    warnings.simplefilter("ignore", ConvergenceWarning)
    models = {name: fit(name, "cuda-host") for name in CONFIGURATIONS}
    results = {
        "fits": models,
        "predictions": {name: model.predict(X) for name, model in models.items()},
        "tf32": fit("wide, float32", "cuda-host", precision="tf32"),
        "sparse": sparse_fit("cuda-host"),
        "searches": list(searches("cuda-host")),
        "images": {network: image_fit(*network, "cuda-host") for network in IMAGE_NETWORKS},
        "image search": image_search("cuda-host"),
        "scored": {search: scored(search[0], "cuda-host", search[1]) for search in SEARCHES},
    }
    with open(file, "wb") as out:
        pickle.dump(results, out)


if __name__ == "__main__":
    main(sys.argv[1])
