"""Networks held to the steps that PyTorch took: trajectories/torch_network.py says of what."""

import json
from pathlib import Path

import numpy as np

import skarma


def trajectories(name):
    """A file of them."""
    return json.loads((Path(__file__).parent / "trajectories" / name).read_text())


def packed(network):
    """All weights, then all biases."""
    return np.concatenate([a.ravel() for a in (*network.coefs_, *network.intercepts_)])


def assert_steps(made, case, rtol, check=lambda ours, expected: None, **settings):
    """Each fit of so many steps has PyTorch's parameters then, and the last one its losses."""
    X, y = made["data"]["X"], made["data"][case["kind"]]
    network = getattr(skarma, case["kind"])(
        hidden_layer_sizes=made["hidden_layer_sizes"],
        activation=made["activation"],
        batch_size=len(X),
        shuffle=False,
        random_state=0,
        tol=0,
        n_iter_no_change=np.inf,
        **case["settings"],
        **settings,
    )
    for step, expected in case["parameters"].items():
        ours = packed(network.set_params(max_iter=int(step)).fit(X, y))
        np.testing.assert_allclose(ours, expected, rtol=rtol, atol=rtol, err_msg=step)
        check(ours, np.array(expected))
    assert len(network.loss_curve_) == len(case["losses"]) == 100
    np.testing.assert_allclose(network.loss_curve_, case["losses"], rtol=rtol)
