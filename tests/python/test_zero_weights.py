"""Samples that weigh nothing: no score can be made of them alone, as in scikit-learn."""

import numpy as np
import pytest
import sklearn.neural_network

import skarma

RNG = np.random.RandomState(0)
X = RNG.standard_normal((10, 2))
TARGETS = {
    "two classes": np.arange(10) % 2,
    "labels": (X > 0).astype(int),
    "numbers": X[:, 0],
}


def outcome(module, target, weights):
    name = "MLPRegressor" if target == "numbers" else "MLPClassifier"
    network = getattr(module, name)(
        hidden_layer_sizes=(2,),
        early_stopping=True,
        validation_fraction=0.2,
        max_iter=2,
        random_state=0,
    )
    try:
        return network.fit(X, TARGETS[target], sample_weight=weights).validation_scores_
    except (ValueError, ZeroDivisionError) as error:
        return str(error)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("target", list(TARGETS))
def test_held_out_samples_that_weigh_nothing(target):
    refused = 0
    for i in range(10):
        for j in range(i):
            weights = np.ones(10)
            weights[[i, j]] = 0.0
            theirs = outcome(sklearn.neural_network, target, weights)
            ours = outcome(skarma, target, weights)
            refused += isinstance(theirs, str)
            assert isinstance(ours, str) == isinstance(theirs, str)
            if not isinstance(theirs, str):
                np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)
    assert refused == 1  # where the two that are held out are i and j
