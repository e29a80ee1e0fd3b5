"""torch.compile as a peer: a whole step of training is one compiled function."""

import numpy as np
import torch
from peer_torch import Works, penalised_loss, targets_of
from problems import (
    BETA_1,
    BETA_2,
    EPSILON,
    LEARNING_RATE,
    initial_weights,
    row_orders,
)


def adam_step(layers, first, second, rate, X, t, rows, activation, output):
    """One step in place, in scikit-learn's form; the loss of the batch."""
    gradients, value = torch.func.grad_and_value(penalised_loss)(
        layers, X[rows], t[rows], activation, output
    )
    arrays = zip(*map(leaves, (layers, first, second, gradients)), strict=True)
    for weights, moment, square, gradient in arrays:
        moment.lerp_(gradient, 1 - BETA_1)
        square.lerp_(gradient.square(), 1 - BETA_2)
        weights.sub_(rate * moment / (square.sqrt() + EPSILON))
    return value


def leaves(layers):
    return [array for layer in layers for array in layer]


class CompiledWorks(Works):
    """The works of torch with compiled functions."""

    def compiled(self, function):
        """A function compiled for the shapes of this case; what others have left is forgotten."""
        torch.compiler.reset()
        return torch.compile(function, dynamic=False)

    def adam(self, problem):
        step = self.compiled(adam_step)
        X, t = torch.from_numpy(problem.X), targets_of(problem)
        network = (problem.activation, problem.output)

        def run():
            random_state = np.random.RandomState(0)
            layers = initial_weights(
                problem.units, problem.activation, random_state, problem.X.dtype
            )
            layers = [tuple(map(torch.from_numpy, layer)) for layer in layers]
            orders = torch.from_numpy(row_orders(len(X), problem.epochs, random_state))
            first, second = (
                [tuple(map(torch.zeros_like, layer)) for layer in layers] for _ in "mv"
            )
            rates, curve = iter(adam_rates(orders.numel() // problem.batch, X.dtype)), []
            for order in orders:
                total = 0.0
                for rows in order.split(problem.batch):
                    value = step(layers, first, second, next(rates), X, t, rows, *network)
                    total += value * len(rows)
                curve.append(total)
            torch.stack(curve).tolist()
            return [tuple(array.numpy() for array in layer) for layer in layers]

        return run


def adam_rates(n_steps, dtype):
    """The step size of every step, with the correction of the moments' start."""
    t = torch.arange(1, n_steps + 1, dtype=torch.float64)
    return (LEARNING_RATE * (1 - BETA_2**t).sqrt() / (1 - BETA_1**t)).to(dtype)


works = CompiledWorks()
