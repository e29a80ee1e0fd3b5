"""The rows of networks that are trained side by side, padded where folds differ in size."""

import numpy as np
from problems import initial_weights, row_orders


def orders_of(workload):
    """The rows of each split in the order of training, (n_epochs, n_rows) each."""
    for train, _ in workload.splits:
        random_state = np.random.RandomState(0)
        initial_weights(workload.units, workload.activation, random_state, workload.X.dtype)
        yield train[row_orders(len(train), workload.epochs, random_state)]


def padded(lists):
    """Rows (n_splits, widest), and 1 where there is one, 0 where not: (n_splits, 1, widest, 1)."""
    width = max(map(len, lists))
    rows = np.stack([np.pad(one, (0, width - len(one))) for one in lists])
    lengths = np.array([len(one) for one in lists])
    counts = (np.arange(width) < lengths[:, None]).astype(np.float32)
    return rows.astype(np.int64), counts[:, None, :, None]


def batches_of(workload):
    """Rows and counts of every step, all epochs one after the other."""
    orders = list(orders_of(workload))
    longest = max(workload.train_sizes)
    return [
        padded([order[epoch, begin : begin + workload.batch] for order in orders])
        for epoch in range(workload.epochs)
        for begin in range(0, longest, workload.batch)
    ]


def test_rows(workload):
    return padded([test for _, test in workload.splits])
