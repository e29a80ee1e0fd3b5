"""What is trained: one network, or many at once, on which data and by how many steps.

float32, adam, relu and full batches but for the last of an epoch of a search. All who take part
start from scikit-learn's weights and take its batches.
"""

import gzip
import math
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from problems import LEARNING_RATE, Problem, load
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SKARMA_TEST_DATA", ROOT.parent / "shared" / "data"))
#: Bytes of a parameter and its two moments, each read and written by a step.
BYTES_A_PARAMETER = 3 * 2 * 4


@dataclass
class Workload(Problem):
    """A network to train on all samples, or, with `pairs` of alpha and learning rate, one network
    for each of these and each of `splits`, pairs of train and test rows.

    `one_thread`: the processor takes part with the one thread that is the default.
    """

    name: str = ""
    pairs: list = field(default_factory=list)
    splits: list = field(default_factory=list)
    one_thread: bool = False

    def folds(self):
        return self.splits

    @property
    def train_sizes(self):
        return [len(train) for train, _ in self.splits] or [len(self.X)]

    @property
    def n_member_steps(self):
        steps = sum(math.ceil(rows / self.batch) for rows in self.train_sizes)
        return steps * self.epochs * max(1, len(self.pairs))

    @property
    def n_weights(self):
        return sum(a * b for a, b in zip(self.units[:-1], self.units[1:], strict=True))

    @property
    def n_flops(self):
        """Of all products, forward and backward; nobody asks for the derivative by the samples."""
        rows = sum(self.train_sizes) * self.epochs * max(1, len(self.pairs))
        return rows * (6 * self.n_weights - 2 * self.units[0] * self.units[1])

    @property
    def n_bytes(self):
        """What steps move that keep nothing: parameters, moments and samples."""
        parameters = (self.n_weights + sum(self.units[1:])) * BYTES_A_PARAMETER
        return self.n_member_steps * (parameters + self.batch * self.units[0] * 4)


def one_network(quick):
    """MNIST; 96 of its 60,000 samples are left out so that all batches are full."""
    units, n_samples = ((784, 16, 10), 256) if quick else ((784, 512, 512, 10), 468 * 128)
    X, y, source = mnist(n_samples)
    name = f"one network: {text(units)}, batch 128, {source}"
    return Workload(X, y, units, "softmax", 1 if quick else 10, 128, name=name)


def search(quick):
    """What a search over regularisation and learning rate trains."""
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X).astype(np.float32)
    units, n_alphas, n_rates, n_folds = (
        ((30, 8, 1), 2, 2, 2) if quick else ((30, 100, 1), 40, 25, 5)
    )
    alphas, rates = np.logspace(-5, 1, n_alphas), np.logspace(-4, -2, n_rates)
    pairs = [(float(alpha), float(rate)) for alpha in alphas for rate in rates]
    splits = list(StratifiedKFold(n_folds).split(X, y))
    name = f"search: {len(pairs)} x {n_folds} of {text(units)}, batch 200"
    epochs = 2 if quick else 50
    return Workload(X, y, units, "logistic", epochs, 200, name=name, pairs=pairs, splits=splits)


def wide_networks(quick):
    """Networks too wide for one multiprocessor, side by side: a search of one fold."""
    units, n, batches = ((16, 8, 8, 1), 3, 2) if quick else ((160, 384, 384, 1), 64, 20)
    data = load("float32", "made_up", 256 * (batches + 1), units=units, output="logistic", epochs=0)
    rows = np.arange(len(data.X))
    splits = [(rows[256:], rows[:256])]
    pairs = [(float(alpha), LEARNING_RATE) for alpha in np.logspace(-5, 1, n)]
    name = f"{n} networks at once: {text(units)}, batch 256"
    epochs = 1 if quick else 10
    return Workload(
        data.X, data.y, units, "logistic", epochs, 256, name=name, pairs=pairs, splits=splits
    )


SIZES = [
    ((30, 100, 1), 32),
    ((30, 100, 1), 200),
    ((64, 100, 10), 200),
    ((100, 256, 1), 200),
    ((784, 100, 10), 200),
    ((784, 256, 10), 200),
    ((784, 512, 10), 200),
    ((784, 512, 512, 10), 200),
]


def one_fit_of_each_size(quick):
    """From tiny to large, for the rule of device='auto'."""
    for units, batch in SIZES[:2] if quick else SIZES:
        output = "logistic" if units[-1] == 1 else "softmax"
        settings = {"units": units, "output": output, "epochs": 1 if quick else 5}
        data = load("float32", "made_up", batch * (2 if quick else 20), **settings)
        name = f"one fit: {text(units)}, batch {batch}"
        yield Workload(**vars(data) | {"batch": batch}, name=name, one_thread=True)


def text(units):
    return "-".join(map(str, units))


def mnist(n_samples):
    """Samples, labels and where they are from."""
    files = [DATA / "mnist" / f"train-{part}-ubyte.gz" for part in ("images-idx3", "labels-idx1")]
    if not all(file.exists() for file in files):
        return *like_mnist(n_samples), "made-up samples as sparse as MNIST's"
    images, labels = (gzip.decompress(file.read_bytes()) for file in files)
    X = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784)[:n_samples]
    y = np.frombuffer(labels, np.uint8, offset=8)[:n_samples]
    return X.astype(np.float32) / 255, y.astype(int), "MNIST"


def like_mnist(n_samples):
    random_state = np.random.RandomState(0)
    X = random_state.uniform(size=(n_samples, 784)).astype(np.float32)
    X[random_state.uniform(size=X.shape) > 0.19] = 0
    directions = random_state.standard_normal((784, 10)).astype(np.float32)
    return X, np.argmax((X - X.mean(axis=0)) @ directions, axis=1)


def all_workloads(quick):
    return [one_network(quick), search(quick), wide_networks(quick), *one_fit_of_each_size(quick)]
