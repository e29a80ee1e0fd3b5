"""What a network of layers is made of."""

from __future__ import annotations

from typing import NamedTuple


class LayerLine(NamedTuple):
    """A line of a summary."""

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    n_params: int


class NetworkSummary:
    """Layers, shapes and counts of parameters; printed, it is a table.

    Attributes
    ----------
    layers : list of LayerLine
        `name`, `kind`, `output_shape` (None for the number of samples) and `n_params` of each.

    total_params, trainable_params : int
        Of all layers, and those that training changes.
    """

    def __init__(self, layers: list[LayerLine], total: int, trainable: int) -> None:
        self.layers = layers
        self.total_params = total
        self.trainable_params = trainable

    def __repr__(self) -> str:
        lines = [("Layer", "Output Shape", "Param #")]
        lines += [
            (f"{line.name} ({line.kind})", str(line.output_shape), f"{line.n_params:,}")
            for line in self.layers
        ]
        widths = [max(len(line[i]) for line in lines) for i in range(3)]
        rows = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in lines]
        return "\n".join(
            [
                *rows,
                f"Total params: {self.total_params:,}",
                f"Trainable params: {self.trainable_params:,}",
            ]
        )
