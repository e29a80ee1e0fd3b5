"""scikit-learn's parameter constraints, made from the native parameter table."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions


def _interval(row, kind):
    closed = {
        (True, True): "both",
        (True, False): "left",
        (False, True): "right",
        (False, False): "neither",
    }[row["low_included"], row["high_included"]]
    high = None if np.isinf(row["high"]) else row["high"]
    low, high = (bound if bound is None else int(bound) for bound in (row["low"], high))
    return Interval(kind, low, high, closed=closed)


def _constraint(row):
    """The constraint of one row of the table."""
    kind = row["type"]
    if kind == "boolean":
        return ["boolean"]
    if kind == "seed":
        return ["random_state"]
    if kind == "name":
        return [StrOptions(set(row["names"]))]
    if kind == "integer_list":
        return ["array-like", Interval(Integral, 1, None, closed="left")]
    if row["booleans"]:
        return ["verbose"]
    constraint = [_interval(row, Integral if kind == "integer" else Real)]
    if row["names"]:
        constraint.insert(0, StrOptions(set(row["names"])))
    if row["infinity"]:
        constraint.append(Options(Real, {np.inf}))
    return constraint


def constraints_of(table):
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
    return {row["name"]: _constraint(row) for row in table}
