"""jax takes part: a whole fit, or all fits of a search (vmap), as one compiled program."""

import jax
import jax.numpy as jnp
import numpy as np
from learnt import Learnt
from peer_jax import Works, batches, padded, search_of_one_size
from problems import initial_weights
from stacks import orders_of

jax.config.update("jax_default_matmul_precision", "highest")  # float32, not TF32


class JaxWorks:
    """On the device that jax chooses: a GPU where it knows one."""

    def fit(self, workload):
        train = Works().adam(workload)
        return lambda: Learnt(train())

    def search(self, workload):
        def run():
            return Learnt(scores=np.asarray(scores(workload)).mean(axis=0))

        return run


def scores(workload):
    """Accuracies, (n_splits, n_pairs)."""
    X, T, y = (jnp.asarray(one) for one in (workload.X, workload.targets(), workload.y))
    random_state, dtype = np.random.RandomState(0), workload.X.dtype
    layers = initial_weights(workload.units, workload.activation, random_state, dtype)
    parts = [batches(orders, workload.batch) for orders in orders_of(workload)]
    full, (last, counts) = (
        np.stack([one for one, _ in parts]),
        padded([one for _, one in parts], dtype),
    )
    test, tested = padded([rows for _, rows in workload.splits], dtype)
    alpha, rate = np.array(workload.pairs, dtype=dtype).T
    data = (layers, X, T, y, full, last, counts, test, tested, alpha, rate)
    return search_of_one_size(*data, network=(workload.activation, workload.output))
