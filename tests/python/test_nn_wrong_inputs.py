"""What `skarma.nn` says of what it cannot do."""

import numpy as np
import pytest
from nn_networks import compiled, dense

from skarma import nn


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Dense(0)._native(), "units must be an int of at least 1. Got 0"),
        (
            lambda: nn.Dense(3, "rellu")._native(),
            "An activation must be one of 'softmax', 'exp', 'linear'",
        ),
        (lambda: nn.Dropout(1.0)._native(), r"rate of Dropout must be in the range \[0, 1\)"),
        (lambda: nn.Conv2D(3, (3, 0))._native(), "kernel_size must be an int of at least 1. Got 0"),
        (lambda: nn.Conv2D(3, 3, padding="full")._native(), "padding must be 'valid' or 'same'"),
        (lambda: nn.Sequential([nn.Dense(3)], dtype="float16"), "dtype must be"),
        (lambda: nn.Sequential().build((3,)), "A Sequential needs a Dense layer"),
        (lambda: nn.Sequential([nn.Flatten()]).build((2, 2, 1)), "last layer must be a dense one"),
        (
            lambda: nn.Sequential([nn.Dense(3)]).build((2, 2, 1)),
            r"Layer 1: a dense layer reads rows",
        ),
        (lambda: nn.Sequential([nn.Dense(3)]).build((2, 2)), "input_shape must be"),
        (
            lambda: nn.Sequential([nn.Conv2D(3, 5), nn.Flatten(), nn.Dense(3)]).build((4, 6, 1)),
            "Layer 1: a window of 5 x 5 does not fit into an image of 4 x 6",
        ),
        (
            lambda: nn.Sequential([nn.Residual([nn.Dense(3)]), nn.Dense(2)]).build((4,)),
            r"must keep the shape \(1, 1, 4\) that it reads: it makes \(1, 1, 3\)",
        ),
        (
            lambda: nn.Sequential([nn.Dense(3, "softmax"), nn.Dense(2)]).build((4,)),
            "'softmax' and 'exp' can only",
        ),
        (
            lambda: nn.Sequential([nn.Dense(3, "tanh")]).build((4,)),
            "last activation of a Sequential",
        ),
        (lambda: dense().compile("adm"), "optimizer must be one of"),
        (lambda: dense().compile("adam", "mze"), "The 'loss' of Sequential must be one of"),
        (
            lambda: dense().compile("adam", "hinge"),
            "goes with the last activation 'linear', and not with 'softmax'",
        ),
        (lambda: compiled(metrics=["auc"]), "metrics may have 'accuracy' alone"),
        (
            lambda: compiled(optimizer=nn.SGD(learning_rate=0)),
            r"The 'learning_rate' of an optimizer must be in the range \(0, inf\). Got 0",
        ),
        (
            lambda: compiled(optimizer=nn.SGD(learning_rate="0.1")),
            "learning_rate must be a number. Got '0.1'",
        ),
        (lambda: compiled(optimizer=nn.SGD(schedule="cosin")), "There is no schedule 'cosin'"),
        (lambda: nn.Dropout("0.5")._native(), "rate must be a number. Got '0.5'"),
        (lambda: nn.Dense(True)._native(), "units must be an int of at least 1. Got True"),
        (lambda: nn.Conv2D(3, 3.0)._native(), "kernel_size must be an int above 0, or a pair"),
        (lambda: nn.Residual([nn.Dense(3)], input_shape=(3,))._native(), "of its first layer"),
        (lambda: nn.Sequential([nn.Dense(2**40)]).build((2**40,)), "more than any memory can hold"),
        (lambda: compiled().fit([[0.0] * 5], [0], batch_size="32"), "Got '32' instead"),
        (lambda: compiled().fit([[0.0] * 5] * 2, ["0", "1"]), "Targets are numbers"),
        (lambda: compiled().fit(np.zeros((0, 5)), []), r"no samples: their shape is \(0, 5\)"),
        (lambda: compiled().predict(np.zeros((0, 5))), r"no samples: their shape is \(0, 5\)"),
        (
            lambda: compiled().fit([[0.0] * 5] * 2, [0, 1], validation_split=0.99, verbose=0),
            "validation_split=0.99 leaves one part of 2 samples empty",
        ),
        (
            lambda: compiled().fit(
                [[0.0] * 5] * 4, [0] * 4, validation_split=0.5, sample_weight=[1.0] * 5
            ),
            r"sample_weight has the shape \(4,\). Got \(5,\)",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [3], verbose=0),
            r"range \[0, 3\) of the outputs. Got 3",
        ),
        (lambda: compiled().fit([[0.0] * 5], [0.5], verbose=0), "are class numbers from 0"),
        (lambda: compiled().fit([[0.0] * 5] * 2, [0], verbose=0), "2 samples and 1 targets"),
        (lambda: compiled().fit([[np.nan] * 5], [0], verbose=0), "Input X contains NaN"),
        (
            lambda: compiled().fit([[0.0] * 4], [0], verbose=0),
            r"have the shape \(5,\). Got \(4,\)",
        ),
        (lambda: compiled().fit([0.0] * 5, [0], verbose=0), r"Got \(5,\) instead"),
        (lambda: compiled().fit([["a"] * 5], [0], verbose=0), "Samples are numbers"),
        (
            lambda: compiled().fit([[0.0] * 5], [0], epochs=0, verbose=0),
            "epochs must be an int of at least 1. Got 0",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [0], batch_size=0, verbose=0),
            "batch_size must be an int of at least 1. Got 0",
        ),
        (
            lambda: compiled().fit([[0.0] * 5] * 2, [0, 1], validation_split=1.5, verbose=0),
            "validation_split must be",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [0], validation_data=([[0.0] * 5],), verbose=0),
            "validation_data is a pair of samples and targets",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [0], validation_data=np.zeros((2, 5)), verbose=0),
            "validation_data is a pair of samples and targets. Got ndarray",
        ),
        (
            lambda: nn.Sequential([nn.Dense(1)], random_state="zero"),
            "random_state must be an int of at least 0. Got 'zero'",
        ),
        (
            lambda: nn.Sequential(random_state=2**32),
            "random_state must be an int of at most 4294967295. Got 4294967296 instead",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [0], batch_size=2**31),
            "batch_size must be an int of at most 2147483647. Got 2147483648",
        ),
        (
            lambda: compiled().fit([[0.0] * 5], [0], epochs=2**40),
            "epochs must be an int of at most 2147483647. Got 1099511627776",
        ),
        (lambda: nn.Dense(2**63)._native(), "units must be an int of at most 9223372036854775807"),
        (lambda: nn.Sequential(n_threads="a"), "n_threads must be an int of at least 1. Got 'a'"),
        (lambda: setattr(dense(), "n_threads", 0), "n_threads must be an int of at least 1. Got 0"),
        (lambda: nn.Sequential(n_threads=2**31), "n_threads must be an int of at most 2147483647"),
        (lambda: nn.Sequential().n_outputs, "needs a Dense layer"),
        (lambda: nn.Sequential().features(np.zeros((1, 5))), "no layers"),
        (lambda: compiled().fit([[0.0] * 5], np.zeros((1, 0))), r"Got \(1, 0\) instead"),
        (lambda: compiled().fit([[0.0] * 5], [np.nan]), "are class numbers from 0"),
        (
            lambda: compiled().fit([[0.0] * 5], np.array([2**63 + 1], dtype=np.uint64)),
            "are class numbers from 0",
        ),
        (
            lambda: compiled().fit([[0.0] * 5] * 2, [0, 1], validation_split="0.2"),
            "validation_split must be a number. Got '0.2'",
        ),
        (
            lambda: dense().set_weights([w * 1j for w in dense().get_weights()]),
            "Weights are numbers. Got an array of complex",
        ),
    ],
)
def test_wrong_inputs(make, message):
    with pytest.raises(ValueError, match=message):
        make()
