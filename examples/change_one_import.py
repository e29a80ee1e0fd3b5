"""
Change one import
=================

The same program with scikit-learn and with skarma: only the import changes.

``python examples/change_one_import.py``
"""

import time

import numpy as np
import sklearn.neural_network
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import skarma


def program(MLPClassifier):
    """What a notebook would have below its imports; returns the numbers that it prints."""
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    scaler = StandardScaler().fit(X_train)

    model = MLPClassifier(learning_rate_init=0.01, random_state=0)
    model.fit(scaler.transform(X_train), y_train)
    return model.n_iter_, model.loss_, model.score(scaler.transform(X_test), y_test)


def timed(title, MLPClassifier):
    start = time.perf_counter()
    n_iter, loss, accuracy = program(MLPClassifier)
    seconds = time.perf_counter() - start
    numbers = f"{n_iter} epochs, loss {loss:.10f}, test accuracy {accuracy:.4f}"
    print(f"{title:27} {numbers}, {seconds:.2f} s")
    return n_iter, loss, accuracy


theirs = timed("from sklearn.neural_network", sklearn.neural_network.MLPClassifier)
ours = timed("from skarma", skarma.MLPClassifier)
difference = max(abs(np.divide(ours, theirs) - 1))
print(f"largest relative difference of the numbers: {difference:.0e}")
