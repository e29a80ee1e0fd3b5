"""A program that uses every public name of the package; mypy --strict finds nothing to say."""

from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skarma
from skarma import MLPClassifier, MLPRegressor, nn
from skarma.callbacks import (
    Callback,
    CSVLogger,
    FitProgress,
    LivePlot,
    ModelCheckpoint,
    ProgressBar,
    ReduceLROnPlateau,
    RestoreOnDivergence,
)
from skarma.inspection import permutation_importance
from skarma.model_selection import (
    FallbackReason,
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    KFold,
    NotNativeError,
    RandomizedSearchCV,
    SearchReport,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)
from skarma.neural_network import BernoulliRBM
from skarma.neural_network import MLPClassifier as Swapped

X = np.linspace(-1.0, 1.0, 80).reshape(40, 2)
y = (X[:, 0] > 0).astype(int)


class StopAtLoss(Callback):
    """A callback of the user's own."""

    def __init__(self, target: float) -> None:
        self.target = target

    def on_epoch(self, fit: FitProgress) -> bool:
        fit.learning_rate *= 0.9
        return fit.loss < self.target


def report(fit: FitProgress) -> None:
    if fit.validation_loss is not None:
        print(f"{fit.n_iter} of {fit.max_iter}: {fit.loss + fit.validation_loss:.3f}")


def classify(folder: Path) -> None:
    clf = MLPClassifier(
        (8, 4),
        ["relu", "tanh"],
        solver="adamw",
        batch_size=16,
        learning_rate="cosine(warmup=2)",
        max_iter=5,
        random_state=np.random.RandomState(0),
        class_weight={0: 1.0, 1: 2.0},
        dropout=[0.1, 0.0],
        dtype="float32",
        early_stopping=True,
        validation_fraction=KFold(3),
    )
    fitted = clf.fit(
        X,
        y,
        np.ones(40),
        X_val=X,
        y_val=y,
        callbacks=[
            StopAtLoss(0.01),
            report,
            ProgressBar(),
            LivePlot(every=10),
            CSVLogger(folder / "log.csv", append=True),
            ModelCheckpoint(folder / "best.skarma", monitor="loss"),
            ReduceLROnPlateau("validation_loss", factor=0.5),
            RestoreOnDivergence(max_restores=3),
        ],
    )
    assert_type(fitted, MLPClassifier)
    fitted.partial_fit(X.tolist(), y, classes=[0, 1], n_epochs=2)
    accuracy: float = clf.score(X, y)
    labels = clf.predict(X)
    labels.astype(int)
    probabilities: NDArray[np.floating] = clf.predict_proba(X)
    sparse_labels = clf.predict(csr_matrix(X))
    coefs: list[NDArray[np.floating]] = clf.coefs_
    classes: list[int] = clf.classes_.tolist()
    last: float = clf.loss_curve_[-1]
    print(accuracy, probabilities.shape, sparse_labels, coefs[0].shape, classes, last, clf.n_iter_)
    print(clf.calibrate(X, y).temperature_, clf.logits(X).shape, clf.predict_log_proba(X).shape)
    print(clf.input_gradient(X, y).T, clf.integrated_gradients(X, y, n_steps=5).sum())
    print(clf.members_[0].loss_, clf.set_params(alpha=0.1).fit(X, y).n_layers_)
    print(MLPClassifier(loss="hinge").fit(X, y).decision_function(X).max())

    history = clf.history_
    losses: NDArray[np.float64] = history["loss"]
    print(losses.min(), history.n_epochs, list(history), history.to_frame(), history.plot("loss"))
    summary = clf.summary()
    print(summary.n_parameters, summary.n_trained, summary.to_frame())
    for layer in summary.layers:
        name: str = layer.name
        print(name, layer.operation, layer.units, layer.output_shape, layer.n_parameters)

    clf.save(folder / "clf.safetensors")
    skarma.save(make_pipeline(StandardScaler(), clf).fit(X, y), folder / "pipeline.safetensors")
    print(skarma.load(folder / "clf.safetensors").predict(X))
    print(MLPClassifier.from_sklearn(clf.to_sklearn()).coefs_)


def regress() -> None:
    model = MLPRegressor("huber(delta=2)", (5,), solver="lm", max_iter=3, random_state=0)
    model.fit(X, X[:, 0]).partial_fit(X, X[:, 0], n_epochs=1)
    predicted: NDArray[np.floating] = model.predict(X)
    print(predicted.mean(), model.score(X, X[:, 0]), model.integrated_gradients(X, 0).shape)
    print(MLPRegressor(loss="quantile", quantile=[0.1, 0.9], freeze=[0]).get_params()["quantile"])


def search() -> None:
    pipeline = make_pipeline(StandardScaler(), Swapped(solver="lbfgs"))
    grid = GridSearchCV(
        pipeline, {"mlpclassifier__alpha": np.logspace(-3, 3, 3)}, scoring="accuracy", cv=KFold(3)
    ).fit(X, y)
    score: float = grid.best_score_
    path: str = grid.search_path_
    reason: FallbackReason | None = grid.fallback_reason_
    report: SearchReport = grid.report_
    print(report.to_html() + report.to_markdown())
    report.save(Path("report.html"))
    print(grid.plot("alpha", by="activation", metric="score").get_xlabel())
    print(
        reason, grid.best_params_["mlpclassifier__alpha"], score, path, grid.cv_results_["params"]
    )
    print(grid.score(X, y), grid.predict(X), grid.best_estimator_.predict(X))
    values = {"alpha": [1.0], "hidden_layer_sizes": [(5,), (5, 5)], "solver": ["lbfgs"]}
    GridSearchCV(MLPClassifier(), values, cv=3).fit(X, y)
    try:
        GridSearchCV(MLPClassifier(verbose=True), values, native="require").fit(X, y)
    except NotNativeError as error:
        print(error.reason is FallbackReason.VERBOSE_ESTIMATOR)
    halving = HalvingGridSearchCV(
        MLPClassifier(), {"alpha": [1, 2]}, resource="max_iter", max_resources=9, random_state=0
    ).fit(X, y)
    rungs: list[int] = halving.n_resources_
    print(rungs, halving.n_candidates_, halving.best_score_)
    HalvingRandomSearchCV(
        MLPClassifier(random_state=0),
        {"alpha": [1, 2]},
        resource="max_iter",
        max_resources=4,
        keep_state=True,
    ).fit(X, y)
    several = [{"alpha": [1, 2]}, {"solver": ["lbfgs", "adam"]}]
    RandomizedSearchCV(MLPClassifier(), several, n_iter=2, random_state=0, n_jobs=2).fit(X, y)
    results = cross_validate(MLPClassifier(), X, y, cv=3, return_train_score=True)
    print(results["train_score"], cross_val_score(MLPRegressor(), X, y).mean())
    print(cross_val_predict(MLPClassifier(), X, y, method="predict_proba"))
    sizes, train_scores, *others = learning_curve(MLPClassifier(), X, y, train_sizes=[10, 20])
    print(sizes, train_scores.shape, others)
    _, test_scores = validation_curve(
        MLPClassifier(), X, y, param_name="alpha", param_range=[0.1, 1.0], native="require"
    )
    print(test_scores, permutation_importance(MLPClassifier().fit(X, y), X, y).importances_mean)


def else_there_is() -> None:
    skarma.show_versions()
    print(skarma.__version__, skarma.model_selection.GridSearchCV, skarma.callbacks.Callback)
    print(skarma.neural_network.MLPRegressor, BernoulliRBM)
    try:
        MLPClassifier(device="cuda").fit(X, y)
    except skarma.DeviceError as error:
        print(error)


# Lists of layers.
changes: list[nn.Augmentation] = [
    nn.RandomTranslation((0.0, 0.1), fill_mode="constant"),
    nn.RandomRotation(15),
    nn.RandomFlip("horizontal"),
    nn.RandomCrop(1),
    nn.GaussianNoise(0.1),
]
layers: list[nn.Layer] = [
    nn.Rescale(1 / 255, input_shape=(8, 8, 1)),
    nn.Conv2D(4, (3, 3), padding="same", activation="relu"),
    nn.BatchNorm(),
    nn.Residual([nn.Conv2D(4, 3, padding="same"), nn.LayerNorm()]),
    nn.MaxPool2D((2, 2)),
    nn.AveragePool2D(2, strides=1),
    nn.GlobalAveragePool2D(),
    nn.Flatten(),
    nn.Dropout(0.5),
    nn.Dense(2),
    nn.Activation("softmax"),
]
model = nn.Sequential(layers, random_state=0)
for optimizer in (nn.SGD(), nn.Adam(), nn.AdamW(), nn.Nadam(), nn.Lion(), nn.RMSprop()):
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
others = nn.Adagrad(learning_rate=0.1), nn.Adadelta(rho=0.9), nn.AMSGrad(), nn.Rprop()
for other in (*others, nn.GradientDescent()):
    model.compile(other, "sparse_categorical_crossentropy")
watchers: list[nn.Callback] = [
    nn.EarlyStopping("loss", patience=2),
    nn.LearningRateScheduler(lambda epoch, rate: 0.5 * rate),
]
images = np.zeros((4, 8, 8, 1))
history = model.fit(images, [0, 1, 0, 1], epochs=2, verbose=0, callbacks=watchers)
assert_type(history, nn.History)


def brighter(x: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return x + generator.uniform()


model.fit(images, [0, 1, 0, 1], verbose=0, augment=[*changes, brighter])
assert_type(changes[0](images, random_state=0), NDArray[Any])
assert_type(history.history["loss"], list[float])
history.plot()[0].set_yscale("log")
history.plot("loss", axes=history.plot("loss"))
assert_type(model.count_params(), int)
assert_type(model.layers, list[nn.Layer])
assert_type(model.features(images, -3), NDArray[Any])
model.save("net.skarma")
last = model.pop()
last.trainable = False
model.add(last)
nn.ModelCheckpoint(Path("net.skarma"), save_best_only=True)
nn.CSVLogger(Path("log.csv"))


def build(units: int = 4) -> nn.Sequential:
    return nn.Sequential([nn.Dense(units), nn.Dense(1)])


nn.Classifier(build, epochs=3, units=8).get_params()
nn.Regressor(build).set_params(units=2)
