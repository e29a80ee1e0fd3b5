"""Training that goes on with another solver does what scikit-learn's does, saved and loaded."""

import itertools
import pickle

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.datasets import load_diabetes, load_iris

import skarma

IRIS = load_iris(return_X_y=True)
X, Y = load_diabetes(return_X_y=True)
DIABETES = X, (Y - Y.mean()) / Y.std()
DATA = {"MLPClassifier": IRIS, "MLPRegressor": DIABETES}
STEPS = list(itertools.product(("fit", "partial_fit"), ("adam", "sgd", "lbfgs")))

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def step(model, method, solver, data):
    """One step of training; what it raises."""
    model.set_params(solver=solver)
    X, y = data
    try:
        if method == "fit":
            model.fit(X, y)
        elif "Classifier" in type(model).__name__:
            model.partial_fit(X, y, classes=np.unique(y))
        else:
            model.partial_fit(X, y)
    except (AttributeError, ValueError, TypeError) as error:
        return error
    return None


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_sequence_of_three(name, dtype, tmp_path):
    data = DATA[name][0].astype(dtype), DATA[name][1]
    for steps in itertools.product(STEPS, repeat=3):
        theirs, ours = (
            getattr(module, name)((4,), max_iter=3, random_state=0, warm_start=True)
            for module in (sklearn.neural_network, skarma)
        )
        for method, solver in steps:
            expected = step(theirs, method, solver, data)
            found = step(ours, method, solver, data)
            assert (expected is None) == (found is None), (steps, expected, found)
            if expected is not None:
                assert "bug" not in str(found)
                break
            for a, b in zip(theirs.coefs_, ours.coefs_, strict=True):
                np.testing.assert_allclose(b, a, rtol=2e-3, atol=2e-4, err_msg=str(steps))
            if solver != "lbfgs":
                assert len(ours.loss_curve_) == len(theirs.loss_curve_)
            ours = pickle.loads(pickle.dumps(ours))
        if hasattr(ours, "coefs_"):
            ours.save(tmp_path / "model")
            for a, b in zip(ours.coefs_, skarma.load(tmp_path / "model").coefs_, strict=True):
                np.testing.assert_array_equal(a, b)
