"""torch as a peer: modules, the fused Adam of torch.optim, a Python loop over the batches."""

import numpy as np
import torch
from problems import (
    ALPHA,
    LEARNING_RATE,
    ROWS_AT_ONCE,
    initial_weights,
    minimise,
    row_orders,
    trained_layers,
    unpacked,
)
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "logistic": nn.Sigmoid}
FUNCTIONS = {"relu": torch.relu, "tanh": torch.tanh, "logistic": torch.sigmoid}


def module_of(layers, activation):
    """The network with these weights."""
    modules = []
    for weights, bias in layers:
        linear = nn.Linear(*weights.shape, dtype=torch.from_numpy(weights).dtype)
        linear.weight = nn.Parameter(torch.from_numpy(np.ascontiguousarray(weights.T)))
        linear.bias = nn.Parameter(torch.from_numpy(bias))
        modules += [linear, ACTIVATIONS[activation]()]
    return nn.Sequential(*modules[:-1])


def layers_of(module):
    linears = [part for part in module if isinstance(part, nn.Linear)]
    return [(part.weight.detach().numpy().T, part.bias.detach().numpy()) for part in linears]


def targets_of(problem):
    """Labels for a softmax, else what the network is to put out."""
    return torch.from_numpy(problem.y if problem.output == "softmax" else problem.targets())


def loss(z, t, output):
    """Mean loss of outputs before their activation."""
    if output == "softmax":
        return functional.cross_entropy(z, t)
    if output == "logistic":
        return functional.binary_cross_entropy_with_logits(z, t)
    return 0.5 * functional.mse_loss(z, t)


def penalised_loss(layers, X, t, activation, output):
    """Mean loss and penalty of a network given as pairs of weights and biases."""
    z = X
    for weights, bias in layers[:-1]:
        z = FUNCTIONS[activation](torch.addmm(bias, z, weights))
    weights, bias = layers[-1]
    penalty = sum(weights.square().sum() for weights, _ in layers)
    return loss(torch.addmm(bias, z, weights), t, output) + 0.5 * ALPHA / len(X) * penalty


def packed_loss(packed, shapes, *data):
    """The same for L-BFGS, which has all weights in one vector."""
    return penalised_loss(unpacked(packed, shapes), *data)


def adam_of(module, rate):
    """Adam, whose `weight_decay` is the gradient of the penalty: for weights, not for biases."""
    by_dimension = {2: [], 1: []}
    for parameter in module.parameters():
        by_dimension[parameter.ndim].append(parameter)
    groups = [{"params": parameters} for parameters in by_dimension.values()]
    return torch.optim.Adam(groups, lr=rate, fused=True)


def train(module, X, t, orders, batch, output, alpha=ALPHA, rate=LEARNING_RATE):
    """All epochs in place; the loss of every epoch."""
    adam = adam_of(module, rate)
    curve = []
    for order in orders:
        total = 0.0
        for rows in order.split(batch):
            adam.param_groups[0]["weight_decay"] = alpha / len(rows)
            adam.zero_grad()
            value = loss(module(X[rows]), t[rows], output)
            value.backward()
            adam.step()
            total += value.detach() * len(rows)
        curve.append(total)
    return torch.stack(curve).tolist()


class Works:
    """Every work returns a function to be timed; the data are tensors before."""

    def compiled(self, function):
        """What a function that is called often becomes; here itself."""
        return function

    def adam(self, problem):
        X, t = torch.from_numpy(problem.X), targets_of(problem)

        def run():
            random_state = np.random.RandomState(0)
            layers = initial_weights(
                problem.units, problem.activation, random_state, problem.X.dtype
            )
            orders = torch.from_numpy(row_orders(len(X), problem.epochs, random_state))
            module = module_of(layers, problem.activation)
            train(module, X, t, orders, problem.batch, problem.output)
            return layers_of(module)

        return run

    def lbfgs(self, problem):
        loss_of = self.compiled(packed_loss)
        X, t = torch.from_numpy(problem.X), targets_of(problem)
        network = (problem.activation, problem.output)

        def run():
            random_state = np.random.RandomState(0)
            layers = initial_weights(
                problem.units, problem.activation, random_state, problem.X.dtype
            )
            shapes = [array.shape for layer in layers for array in layer]

            def loss_and_gradient(packed):
                packed = torch.from_numpy(packed).requires_grad_()
                value = loss_of(packed, shapes, X, t, *network)
                [gradient] = torch.autograd.grad(value, packed)
                return value.item(), gradient.numpy()

            return minimise(loss_and_gradient, layers, problem.epochs)

        return run

    def predict_proba(self, problem):
        module = module_of(trained_layers(problem), problem.activation)
        X = torch.from_numpy(problem.X)

        @self.compiled
        def predict(X):
            probability = torch.sigmoid(module(X))
            return torch.cat([1 - probability, probability], dim=1)

        def run():
            with torch.inference_mode():
                return torch.cat([predict(rows) for rows in X.split(ROWS_AT_ONCE)]).numpy()

        return run

    def predict_one(self, problem):
        module = module_of(trained_layers(problem), problem.activation)
        row, classes = problem.X[:1], np.unique(problem.y)
        predict = self.compiled(lambda X: module(X)[:, 0] > 0)

        def run():
            with torch.inference_mode():
                return classes[predict(torch.from_numpy(row)).numpy().astype(int)]

        return run

    def search(self, problem):
        X, t = torch.from_numpy(problem.X), targets_of(problem)
        y, folds = torch.from_numpy(problem.y), problem.folds()

        def score(module, test):
            with torch.inference_mode():
                z = module(X[test])
                predicted = z.argmax(1) if problem.output == "softmax" else z[:, 0] > 0
                return (predicted == y[test]).double().mean().item()

        def fit_and_score(size, rows, test, pair):
            units = (problem.units[0], size, problem.units[-1])
            random_state = np.random.RandomState(0)
            layers = initial_weights(units, problem.activation, random_state, problem.X.dtype)
            orders = rows[row_orders(len(rows), problem.epochs, random_state)]
            module = module_of(layers, problem.activation)
            orders = torch.from_numpy(orders)
            train(module, X, t, orders, problem.batch, problem.output, *pair)
            return score(module, test)

        def run():
            return [
                np.mean([fit_and_score(size, rows, test, pair) for rows, test in folds])
                for size, pairs in problem.candidates().items()
                for pair in pairs
            ]

        return run


works = Works()
