"""Random configurations of a search: what they are made of, and how to make one simpler."""

import dataclasses

import numpy as np
import scipy.sparse
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

AVERAGES = ("macro", "micro", "weighted")
OF_LABELS = ["accuracy", "balanced_accuracy"]
OF_COUNTS = [f"{metric}_{a}" for metric in ("f1", "precision", "recall") for a in AVERAGES]
SCORERS = {
    "two classes": [
        *OF_LABELS,
        *OF_COUNTS,
        *("f1", "precision", "recall", "roc_auc", "average_precision", "neg_log_loss"),
        *("roc_auc_ovr", "roc_auc_ovo"),
    ],
    "three classes": [
        *OF_LABELS,
        *OF_COUNTS,
        *("neg_log_loss", "roc_auc", "roc_auc_ovr", "roc_auc_ovo"),
        *("roc_auc_ovr_weighted", "roc_auc_ovo_weighted", "f1"),
    ],
    "labels": ["accuracy", *OF_COUNTS, "f1_samples", "precision_samples", "recall_samples"],
    "numbers": [
        *("r2", "neg_mean_squared_error", "neg_mean_absolute_error"),
        "neg_root_mean_squared_error",
    ],
}
SCORERS["words"] = SCORERS["three classes"]
SCORERS["two numbers"] = SCORERS["numbers"]


@dataclasses.dataclass
class Configuration:
    """One search. Everything is a plain value or a splitter: its repr says how to repeat it."""

    seed: int
    task: str = "two classes"
    n_samples: int = 40
    n_features: int = 3
    samples: str = "dense"
    labels_in_order: bool = False  # folds of KFold then train on some of the classes
    weights: str = "none"
    network: dict = dataclasses.field(default_factory=dict)
    random_state: str = "seed"
    scalers: tuple = ()
    grid: list = dataclasses.field(default_factory=lambda: [{"alpha": [1e-3, 1.0]}])
    options: dict = dataclasses.field(default_factory=dict)
    n_jobs: int | None = None

    def data(self):
        """X, y and the parameters of `fit`."""
        rng = np.random.RandomState(self.seed)
        X = rng.standard_normal((self.n_samples, self.n_features))
        signal = X[:, 0] + 0.5 * rng.standard_normal(self.n_samples)
        y = self._targets(signal, X[:, -1])
        fit = {}
        if self.weights != "none":
            name = "mlp__sample_weight" if self.scalers else "sample_weight"
            fit[name] = rng.uniform(0.5, 2.0, self.n_samples)
            if self.weights == "some zero":
                fit[name][rng.randint(self.n_samples, size=3)] = 0.0
        if "Group" in type(self.options.get("cv")).__name__:
            fit["groups"] = rng.permutation(np.arange(self.n_samples) % 4)
        return self._samples(X), y, fit

    def _targets(self, signal, other):
        if self.task == "numbers":
            return signal
        if self.task == "two numbers":
            return np.column_stack([signal, other])
        if self.task == "labels":
            return np.column_stack([signal > 0, other > 0, signal + other > 0]).astype(int)
        if self.labels_in_order:
            signal = np.sort(signal)
        if self.task == "two classes":
            return (signal > 0).astype(int)
        y = np.digitize(signal, [-0.5, 0.5])
        return np.array(["ash", "beech", "cedar"])[y] if self.task == "words" else y

    def _samples(self, X):
        if self.samples == "csr":
            X[X < -0.3] = 0.0
            return scipy.sparse.csr_matrix(X)
        if self.samples == "float32":
            return X.astype(np.float32)
        return X.tolist() if self.samples == "list" else X

    def estimator(self, module):
        """The network of this module, alone or behind its scalers."""
        name = "MLPRegressor" if "numbers" in self.task else "MLPClassifier"
        seeds = {"seed": 3, "generator": np.random.RandomState(5), "none": None}
        defaults = {"hidden_layer_sizes": (4,), "max_iter": 4}
        mlp = getattr(module, name)(
            random_state=seeds[self.random_state], **defaults | self.network
        )
        makers = {"standard": StandardScaler, "minmax": MinMaxScaler}
        steps = [(f"s{i}", makers[n](**p)) for i, (n, p) in enumerate(self.scalers)]
        return Pipeline([*steps, ("mlp", mlp)]) if steps else mlp

    def param_grid(self):
        if not self.scalers:
            return self.grid
        return [{f"mlp__{name}": values for name, values in one.items()} for one in self.grid]

    def is_native(self):
        """Whether the search has nothing that makes it take scikit-learn's path."""
        values = [v for one in self.grid for name in one for v in one[name]]
        wrong = -1.0 in values or "newton" in values
        sparse_scaled = self.samples == "csr" and self.scalers
        scoring = self.options.get("scoring")
        names = scoring.values() if isinstance(scoring, dict) else np.atleast_1d(scoring or "")
        judged = self.task == "three classes" and "average_precision" in names
        return not (wrong or sparse_scaled or judged)


def draw(seed):
    """The configuration of this seed."""
    rng = np.random.RandomState(seed)

    def pick(*values):
        return values[rng.randint(len(values))]

    def now_and_then(value, default, probability=0.25):
        return value if rng.random_sample() < probability else default

    c = Configuration(seed)
    c.task = pick("two classes", "two classes", "three classes", "words", "labels", *_REGRESSIONS)
    c.n_samples = pick(15, 24, 40, 60)
    c.n_features = pick(1, 2, 5)
    c.samples = pick("dense", "dense", "dense", "csr", "float32", "list")
    c.labels_in_order = rng.random_sample() < 0.15
    c.weights = pick("none", "none", "positive", "some zero")
    c.random_state = pick("seed", "seed", "generator", "none")
    if c.samples != "csr" and rng.random_sample() < 0.4:
        c.scalers = tuple(pick(*_SCALERS) for _ in range(pick(1, 1, 2)))
    solver = pick("lbfgs", "sgd", "adam")
    c.network = {"solver": solver, "activation": pick("relu", "tanh", "logistic", "identity")}
    c.network["hidden_layer_sizes"] = pick((4,), (3, 2), ())
    if solver != "lbfgs":
        c.network["batch_size"] = pick("auto", 8, 1000)
        c.network["early_stopping"] = rng.random_sample() < 0.3
        c.network["learning_rate"] = pick("constant", "adaptive", "invscaling")
    c.grid = [_grid(pick, now_and_then) for _ in range(pick(1, 1, 2))]
    c.options = _options(c, pick, now_and_then)
    if c.random_state == "seed" and c.is_native():
        c.n_jobs = pick(None, 1, 2)
    return c


_REGRESSIONS = ("numbers", "numbers", "two numbers")
_SCALERS = (
    ("standard", {}),
    ("standard", {"with_mean": False}),
    ("standard", {"with_std": False}),
    ("minmax", {}),
    ("minmax", {"feature_range": (-1, 2), "clip": True}),
)


def _grid(pick, now_and_then):
    one = {"alpha": list(pick([1e-4, 1.0], [0, 1, 10], [0.1]))}
    if now_and_then(True, False):
        one["hidden_layer_sizes"] = [(2,), (3, 2)]
    if now_and_then(True, False):
        one["activation"] = ["relu", "tanh"]
    if now_and_then(True, False, 0.1):
        one["alpha"].append(-1.0)  # is refused by every fit
    if now_and_then(True, False, 0.1):
        one["validation_fraction"] = [0.1, 0.95]  # too little to train on, or to validate
        one["early_stopping"] = [True]
        one["solver"] = ["adam"]
    if now_and_then(True, False, 0.1):
        one["solver"] = ["sgd"]
        one["learning_rate_init"] = [1e-3, 1e200]  # diverges
    return one


def _options(c, pick, now_and_then):
    options = {"cv": pick(*_splitters(c)), "error_score": pick(np.nan, -1.0, "raise")}
    names = SCORERS[c.task]
    several = list(dict.fromkeys(pick(*names) for _ in range(3)))
    options["scoring"] = pick(None, pick(*names), pick(*names), several, "a dict")
    if options["scoring"] == "a dict":
        options["scoring"] = {f"metric {i}": name for i, name in enumerate(several)}
    refit = True
    if not (options["scoring"] is None or isinstance(options["scoring"], str)):
        refit = pick(*options["scoring"])
    options["refit"] = pick(refit, refit, False, last_candidate)
    options["return_train_score"] = now_and_then(True, False)
    options["verbose"] = now_and_then(1, 0, 0.1)
    return options


def last_candidate(results):
    """A callable refit."""
    return len(results["params"]) - 1


def _splitters(c):
    n = c.n_samples
    splitters = [2, KFold(3), KFold(2, shuffle=True, random_state=0), ShuffleSplit(2)]
    splitters += [
        ShuffleSplit(3, test_size=0.3, random_state=1),
        RepeatedKFold(n_splits=2, n_repeats=2),
    ]
    splitters += [GroupKFold(3), LeaveOneGroupOut()]
    splitters += [[(np.arange(n // 2), np.arange(n // 2, n)), (np.arange(3, n), np.arange(3))]]
    if n == 15:
        splitters.append(LeaveOneOut())
    if c.task in ("two classes", "three classes", "words"):
        splitters += [StratifiedKFold(3, shuffle=True, random_state=2), StratifiedShuffleSplit(2)]
        splitters += [RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=1)]
    return splitters


def simpler(c):
    """Configurations that differ in one thing, which is at its default."""
    plain = Configuration(c.seed)
    for field in dataclasses.fields(c):
        if field.name not in ("seed", "task") and getattr(c, field.name) != getattr(
            plain, field.name
        ):
            yield dataclasses.replace(c, **{field.name: getattr(plain, field.name)})
    for name in ("network", "options"):
        for key in getattr(c, name):
            fewer = {k: v for k, v in getattr(c, name).items() if k != key}
            yield dataclasses.replace(c, **{name: fewer})
    for i, one in enumerate(c.grid):
        if len(c.grid) > 1:
            yield dataclasses.replace(c, grid=[one])
        for key, values in one.items():
            fewer = {k: v for k, v in one.items() if k != key}
            shorter = [fewer] + [{**one, key: [v]} for v in values if len(values) > 1]
            for other in shorter:
                yield dataclasses.replace(c, grid=[*c.grid[:i], other, *c.grid[i + 1 :]])
