"""scikit-learn's private methods of a network, as methods of ours.

Programs call some of them (`_forward_pass` for the values of hidden layers), and subclasses
override others (`_init_coef`, `_backprop`). The native library calls none of them: `overridden`
says what a subclass has changed, and such a network is trained by scikit-learn's own code, which
finds here what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from skarma._sklearn_private import networks_module

if TYPE_CHECKING:
    from skarma._types import C, F

#: Which class of scikit-learn's has which method that ours has, too, under the same name.
OF_BOTH = (
    "_backprop",
    "_compute_loss_grad",
    "_fit",
    "_fit_lbfgs",
    "_fit_stochastic",
    "_forward_pass",
    "_forward_pass_fast",
    "_init_coef",
    "_initialize",
    "_loss_grad_lbfgs",
    "_score_with_function",
    "_unpack",
    "_update_no_improvement_count",
)
OF_EACH = ("_predict", "_validate_input")
#: These are our own, because scikit-learn's look for their own class; they may be overridden, too.
OWN = ("_score",)
IN_TRAINING = (*OF_BOTH, *OF_EACH, *OWN)
OF_OUTPUTS = ("_forward_pass_fast",)
IN_PREDICTION = (*OF_OUTPUTS, "_predict")


def original(method: F) -> F:
    """Mark a method as what a class of ours has, and no subclass has overridden."""
    method.is_original = True  # type: ignore[attr-defined]
    return method


def _borrowed(owner: str, name: str) -> Any:
    """scikit-learn's method of this name, looked up when it is first called."""

    @cache
    def theirs() -> Any:
        return vars(getattr(networks_module(), owner))[name]

    @original
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return theirs()(self, *args, **kwargs)

    method.__name__ = name
    return method


def borrowing(owner: str, names: Iterable[str]) -> Callable[[type[C]], type[C]]:
    """A class decorator that gives a class these methods of scikit-learn's class `owner`."""

    def borrow(cls: type[C]) -> type[C]:
        for name in names:
            setattr(cls, name, _borrowed(owner, name))
        return cls

    return borrow


@cache
def _marks_of(names: tuple[str, ...]) -> Callable[[object], Any]:
    """A function that looks up the marks of these methods of a class, with AttributeError where one
    has none.
    """
    return attrgetter(*(f"{name}.is_original" for name in names))


def overridden(estimator: Any, names: tuple[str, ...]) -> list[str]:
    """Which of these methods are not what they were: of the object or of its class."""
    cls, own = type(estimator), estimator.__dict__
    try:
        _marks_of(names)(cls)
        if own.keys().isdisjoint(names):  # as nearly always
            return []
    except AttributeError:
        pass
    return [n for n in names if n in own or not getattr(getattr(cls, n), "is_original", False)]
