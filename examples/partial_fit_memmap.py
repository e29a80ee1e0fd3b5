"""
More samples than memory
========================

Train on more samples than fit into memory: partial_fit over chunks of a file.

``python examples/partial_fit_memmap.py [--samples 200000]``
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from skarma import MLPClassifier

N_FEATURES = 20
CHUNK = 10_000  # rows in memory at a time


def chunks(n_samples):
    """Slices of at most CHUNK rows that cover all samples."""
    return [slice(start, min(start + CHUNK, n_samples)) for start in range(0, n_samples, CHUNK)]


def write_samples(folder, n_samples):
    """Two files, written chunk by chunk: points, and whether each lies outside a sphere."""
    random_state = np.random.RandomState(0)
    X = np.memmap(folder / "X", dtype=np.float32, mode="w+", shape=(n_samples, N_FEATURES))
    y = np.memmap(folder / "y", dtype=np.int8, mode="w+", shape=n_samples)
    for rows in chunks(n_samples):
        points = random_state.standard_normal((rows.stop - rows.start, N_FEATURES))
        X[rows] = points
        y[rows] = (points**2).sum(axis=1) > N_FEATURES
    X.flush()
    y.flush()


def train(folder, n_samples, epochs):
    X = np.memmap(folder / "X", dtype=np.float32, mode="r", shape=(n_samples, N_FEATURES))
    y = np.memmap(folder / "y", dtype=np.int8, mode="r", shape=n_samples)
    *training, held_out = chunks(n_samples)

    model = MLPClassifier(hidden_layer_sizes=(64,), random_state=0)
    for epoch in range(1, epochs + 1):
        for rows in training:
            # The first call must name all classes: a chunk need not contain each of them.
            model.partial_fit(X[rows], y[rows], classes=[0, 1])
        accuracy = model.score(X[held_out], y[held_out])
        loss = model.loss_  # of the last chunk
        print(f"epoch {epoch}: loss {loss:.4f}, accuracy on new samples {accuracy:.4f}")


def main():
    parser = argparse.ArgumentParser(description="Train on more samples than fit into memory.")
    parser.add_argument("--samples", type=int, default=200_000, help="rows of the array")
    parser.add_argument("--epochs", type=int, default=5, help="how often all rows are seen")
    options = parser.parse_args()
    if options.samples <= CHUNK:
        parser.error(f"--samples must be more than {CHUNK}: the last chunk is held out")
    with tempfile.TemporaryDirectory() as folder:
        write_samples(Path(folder), options.samples)
        train(Path(folder), options.samples, options.epochs)


if __name__ == "__main__":
    main()
