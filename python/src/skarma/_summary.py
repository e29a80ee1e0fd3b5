"""What a network is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple


class Layer(NamedTuple):
    """A row of a summary.

    Examples
    --------
    >>> from skarma import MLPRegressor
    >>> network = MLPRegressor(hidden_layer_sizes=(3,), solver="lbfgs", random_state=0)
    >>> layer = network.fit([[0.0], [1.0]], [0.0, 1.0]).summary().layers[1]
    >>> layer.name, layer.units, layer.output_shape, layer.n_parameters
    ('dense_1', 3, (None, 3), 6)
    """

    name: str
    operation: str
    units: int
    n_parameters: int
    n_trained: int

    @property
    def output_shape(self) -> tuple[None, int]:
        """The shape of its values, None for the number of samples."""
        return (None, self.units)


class Summary:
    """Layers, shapes and counts of parameters of a network; printed, it is a table.

    Parameters
    ----------
    rows : list of tuple
        Name, operation, units, parameters, and those of them that are trained, of each layer.

    text : str
        The table.

    Attributes
    ----------
    layers : list of Layer
        From the inputs to the activation of the outputs: `name`, `operation`, `units`,
        `output_shape`, `n_parameters`, `n_trained`.

    n_parameters : int
        Of all layers.

    n_trained : int
        Those of them that training changes: not moving statistics, nor what is frozen.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skarma import MLPClassifier
    >>> network = MLPClassifier((5,), solver="lbfgs", random_state=0)
    >>> summary = network.fit(*load_iris(return_X_y=True)).summary()
    >>> summary
    layer             output shape        parameters     trained
    input             (n_samples, 4)               0           0
    dense_1           (n_samples, 5)              25          25
    relu_1            (n_samples, 5)               0           0
    dense_2           (n_samples, 3)              18          18
    softmax           (n_samples, 3)               0           0
    all                                           43          43
    <BLANKLINE>
    >>> summary.layers[1].name, summary.n_parameters
    ('dense_1', 43)
    """

    def __init__(self, rows: Iterable[tuple[str, str, int, int, int]], text: str) -> None:
        self.layers = [Layer(*row) for row in rows]
        self.n_parameters = sum(layer.n_parameters for layer in self.layers)
        self.n_trained = sum(layer.n_trained for layer in self.layers)
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def to_frame(self) -> Any:
        """Make a data frame.

        Returns
        -------
        frame : pandas.DataFrame
            A row a layer, by its name.

        Raises
        ------
        ImportError
            Without pandas.
        """
        import pandas as pd

        return pd.DataFrame(self.layers).set_index("name")
