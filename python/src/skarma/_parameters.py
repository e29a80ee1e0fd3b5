"""What the native parameter table says: constraints for scikit-learn, documentation for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from skarma._sklearn_private import HasMethods, Interval, Options, StrOptions

if TYPE_CHECKING:
    from skarma._types import C

#: Parameters that are lists of arrays, and no rows of the table, with their documentation.
INITIAL_WEIGHTS = {
    "coefs_init": """list of array-like, of the shapes of `coefs_`, or None, default=None
        Weights that a fit starts from in the place of drawn ones. They are drawn all the same, so
        that shuffles and other draws are what they are without.
""",
    "intercepts_init": """list of array-like, of the shapes of `intercepts_`, or None, default=None
        The same of the biases.
""",
}


def _interval(row: Any, kind: Any, form: Any = Interval) -> Any:
    closed = {
        (True, True): "both",
        (True, False): "left",
        (False, True): "right",
        (False, False): "neither",
    }[row["low_included"], row["high_included"]]
    high = None if np.isinf(row["high"]) else int(row["high"])
    return form(kind, int(row["low"]), high, closed=closed)


class _NumberedNames(StrOptions):
    """One of the names; "cuda:N" is "cuda:0", "cuda:1" ..."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__({name for name in names if not name.endswith(":N")})
        self._names = names
        self._starts = tuple(name[:-1] for name in names if name.endswith(":N"))

    def is_satisfied_by(self, val: Any) -> bool:
        return super().is_satisfied_by(val) or (
            isinstance(val, str)
            and any(
                val.startswith(start) and _is_number(val[len(start) :]) for start in self._starts
            )
        )

    def __str__(self) -> str:
        return f"a str among {{{', '.join(map(repr, self._names))}}}"


def _is_number(text: str) -> bool:
    """Whether this is a number of 32 bits from 0 as it is printed."""
    return len(text) <= 10 and text.isdecimal() and text == str(int(text)) and int(text) < 2**31


class _Calls(StrOptions):
    """One of the names, or one with numbers, "cosine(warmup=5)", which `fit` judges."""

    def is_satisfied_by(self, val: Any) -> bool:
        return super().is_satisfied_by(val.partition("(")[0] if isinstance(val, str) else val)


class _Names(_Calls):
    """The same, or a list or tuple of them."""

    def is_satisfied_by(self, val: Any) -> bool:
        if not isinstance(val, (list, tuple)):
            return super().is_satisfied_by(val)
        return len(val) > 0 and all(map(super().is_satisfied_by, val))

    def __str__(self) -> str:
        return f"{super().__str__()} or a list of these"


class _Splitter(HasMethods):
    """An object that splits samples, as those of sklearn.model_selection."""

    def __init__(self) -> None:
        super().__init__("split")

    def is_satisfied_by(self, val: Any) -> bool:
        return not isinstance(val, (str, bytes)) and super().is_satisfied_by(val)


class _Reals(Interval):
    """A number of the interval, or a list, tuple or array of them."""

    def is_satisfied_by(self, val: Any) -> bool:
        if not isinstance(val, (list, tuple, np.ndarray)):
            return super().is_satisfied_by(val)
        return len(val) > 0 and all(map(super().is_satisfied_by, val))

    def __str__(self) -> str:
        return f"{super().__str__()} or a list of these"


def _constraint(row: Any) -> Any:
    """The constraint of one row of the table."""
    kind = row["type"]
    if kind == "boolean":
        return ["boolean"]
    if kind == "seed":
        return ["random_state"]
    if row["name"] == "dtype":
        return [StrOptions(set(row["names"])), Options(type, {np.float32, np.float64}), None]
    if kind == "name" and any(name.endswith(":N") for name in row["names"]):
        return [_NumberedNames(row["names"])]
    if kind == "name":
        form = _Names if row["several"] else _Calls if row["calls"] else StrOptions
        names = form(set(row["names"]))
        return [*([dict] if row["objects"] else []), names, *([None] if row["none"] else [])]
    if kind == "integer_list":
        return ["array-like", Interval(Integral, int(row["low"]), None, closed="left")]
    if row["booleans"]:
        return ["verbose"]
    if row["not_zero"]:
        negative = Interval(Integral, None, -1, closed="right")
        return [negative, Interval(Integral, 1, None, closed="left"), None]
    form = _Reals if row["several"] else Interval
    constraint = [_interval(row, Integral if kind == "integer" else Real, form)]
    if row["names"]:
        constraint.insert(0, StrOptions(set(row["names"])))
    if row["name"] == "validation_fraction":
        constraint.append(_Splitter())
    if row["none"]:
        constraint.append(None)
    if row["infinity"]:
        constraint.append(Options(Real, {np.inf}))
    return constraint


def constraints_of(table: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """scikit-learn's `_parameter_constraints` for the rows of a parameter table.

    Parameters
    ----------
    table : list of dict
        The rows, as the native module gives them.

    Returns
    -------
    dict
        A list of constraints for each parameter name.
    """
    rows = {row["name"]: _constraint(row) for row in table}
    return rows | {name: [list, tuple, None] for name in INITIAL_WEIGHTS}


_ATTRIBUTES = """\
    members_ : list of estimators
        The networks whose outputs are averaged, each fitted with one network: with `n_members`
        above 1 several, of which the attributes below describe the first one.

    loss_ : float
        The loss at the end.

    history_ : History
        What the fits that went on from each other came to, a table with a row for each epoch: its
        columns by name (``history_["loss"]``), `to_frame()`, `plot()`.

    validation_loss_curve_ : list of float
        The loss of the samples for validation after each epoch, without penalties; only with
        `X_val` or early stopping.

    best_loss_ : float or None
        The lowest loss of an epoch; None with early stopping.

    loss_curve_ : list of float
        The loss of each epoch; not of lbfgs and lm, whose iterations are in `history_`.

    validation_scores_ : list of float or None
        The score on held-out samples, or on `X_val`, of each epoch.

    best_validation_score_ : float or None
        The best of them.

    t_ : int
        Samples seen in training.

    coefs_ : list of ndarray, of shape (units of layer i, units of layer i + 1)
        Weights; of a layer of maxout as many columns for each unit as it has pieces, side by side.

    intercepts_ : list of ndarray, of shape (units of layer i + 1,)
        Biases.

    batch_norms_ : list of ndarray, of shape (4, units of hidden layer i)
        gamma, beta, moving mean and moving variance of each hidden layer; only with `batch_norm`.

    layer_norms_ : list of ndarray, of shape (2, units of hidden layer i)
        gamma and beta of each hidden layer; only with `layer_norm`.

    n_features_in_ : int
        Features seen in `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, if they all are strings.

    n_iter_ : int
        Iterations of the solver.

    n_layers_ : int
        Layers, input and output included.

    n_outputs_ : int
        Units of the output layer.

    out_activation_ : str
        Activation of the output layer.

    device_ : str
        What computed the last fit: 'cpu', 'cuda:0' ..., also where `device` is 'auto'.
"""


def _type_text(row: Any) -> Any:
    """The type of a parameter, as numpydoc has it."""
    kind = row["type"]
    none = " or None" if row["none"] else ""
    if kind == "name":
        several = " or list of these" if row["several"] else ""
        mapping = "dict, " if row["objects"] else ""
        return mapping + "{" + ", ".join(map(repr, row["names"])) + "}" + several + none
    text = {
        "boolean": "bool",
        "seed": "int, RandomState instance",
        "integer_list": "array-like of shape (n_layers - 2,)",
        "integer": "int",
        "real": "float",
    }[kind]
    if row["booleans"]:
        text = "bool or int"
    if row["name"] == "freeze":
        text = "array-like of int"
    if row["name"] in ("dropout", "quantile"):
        text = "float or list of float"
    if row["name"] == "validation_fraction":
        text = "float or splitter"
    return " or ".join([text, *(repr(name) for name in row["names"])]) + none


def documented(table: list[dict[str, Any]]) -> Callable[[type[C]], type[C]]:
    """Make a class decorator that fills in what both networks have in common.

    Parameters
    ----------
    table : list of dict
        The rows, as the native module gives them.

    Returns
    -------
    callable
        Puts the parameters in the place of ``{parameters}`` in the class's documentation, and the
        attributes of every fitted network in the place of ``{attributes}``.
    """
    rows = [
        f"    {row['name']} : {_type_text(row)}, default={row['default']!r}\n        {row['doc']}\n"
        for row in table
    ] + [f"    {name} : {text}" for name, text in INITIAL_WEIGHTS.items()]

    def decorate(cls: type[C]) -> type[C]:
        text = (cls.__doc__ or "").replace("    {parameters}\n", "\n".join(rows))
        cls.__doc__ = text.replace("    {attributes}\n", _ATTRIBUTES)
        return cls

    return decorate
