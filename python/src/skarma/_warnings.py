"""Warnings as scikit-learn gives them: users' filters know its modules."""

from __future__ import annotations

import ast
import inspect
import warnings
from functools import cache
from typing import Any

from skarma._sklearn_private import networks_module

BATCH_IS_CLIPPED = (
    "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped"
)


_SAID_BY = {"lbfgs failed": "_check_optimize_result", "A column-vec": "column_or_1d"}


@cache
def _network_module() -> Any:
    """scikit-learn's networks, which nobody loads for a warning that is never given."""
    return networks_module()


@cache
def _line_of(opening: Any) -> Any:
    """The line of the network module that warns in words that begin so; 1 if there is none."""
    try:
        tree = ast.parse(inspect.getsource(_network_module()))
    except (OSError, SyntaxError):
        return 1
    callee = _SAID_BY.get(opening, "warn")
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if getattr(call.func, "attr", getattr(call.func, "id", "")) != callee:
            continue
        texts = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant)]
        if callee != "warn" or any(str(text).startswith(opening) for text in texts):
            return call.lineno
    return 1


def warn_as_networks_do(text: str, category: Any = UserWarning, said: Any = None) -> None:
    """Warn as scikit-learn's networks do: from their module, which filters may name.

    `said` is where Python notes what was said, for filters that say it once; without it, the
    module's own.
    """
    module = vars(_network_module())
    warnings.warn_explicit(
        text,
        category,
        filename=module["__file__"],
        lineno=_line_of(text[:12]),
        module=module["__name__"],
        registry=module.setdefault("__warningregistry__", {}) if said is None else said,
    )
