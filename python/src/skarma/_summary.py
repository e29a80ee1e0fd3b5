"""What a network is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple


class Layer(NamedTuple):
    """A row of a summary."""

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
