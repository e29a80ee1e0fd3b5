"""The optimizers of a `Sequential`, with the names and defaults of Keras's parameters."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from skarma.nn._checks import number


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """What all optimizers take.

    Parameters
    ----------
    learning_rate : float, default=0.001
        Of each step.

    schedule : str, default="constant"
        How the rate goes from epoch to epoch, as `learning_rate` of `MLPClassifier` has it:
        "cosine(warmup=5)", "step(every=10, factor=0.1)" ...
    """

    _name: ClassVar[str]

    learning_rate: float = 0.001
    schedule: str = "constant"

    def _native(self) -> dict[str, object]:
        given: dict[str, object] = {"name": self._name}
        for name, value in asdict(self).items():
            if name == "schedule":
                given[name] = str(value)
            else:
                given[name] = bool(value) if name == "nesterov" else number(name, value)
        return given


@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """Stochastic gradient descent, with momentum, or Nesterov's.

    Examples
    --------
    >>> from skarma import nn
    >>> nn.SGD(learning_rate=0.1, momentum=0.9, nesterov=True)
    SGD(learning_rate=0.1, schedule='constant', momentum=0.9, nesterov=True)
    """

    _name = "sgd"

    learning_rate: float = 0.01
    momentum: float = 0.0
    nesterov: bool = False


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015).

    Examples
    --------
    >>> from skarma import nn
    >>> nn.Adam(schedule="cosine(warmup=5)").epsilon
    1e-07
    """

    _name = "adam"

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019), of weights, not of biases.

    Examples
    --------
    >>> from skarma import nn
    >>> nn.AdamW(weight_decay=0.01).weight_decay
    0.01
    """

    _name = "adamw"

    weight_decay: float = 0.004


@dataclass(frozen=True, kw_only=True)
class AMSGrad(Adam):
    """Adam by the largest mean square so far (Reddi et al., 2018).

    Examples
    --------
    >>> from skarma import nn
    >>> nn.AMSGrad(beta_2=0.99).beta_2
    0.99
    """

    _name = "amsgrad"


@dataclass(frozen=True, kw_only=True)
class Nadam(Adam):
    """Adam with Nesterov's momentum (Dozat, 2016).

    Examples
    --------
    >>> from skarma import nn
    >>> nn.Nadam(learning_rate=0.002).learning_rate
    0.002
    """

    _name = "nadam"


@dataclass(frozen=True, kw_only=True)
class Lion(Optimizer):
    """Lion (Chen et al., 2023).

    Examples
    --------
    >>> from skarma import nn
    >>> nn.Lion(learning_rate=1e-4).beta_2
    0.99
    """

    _name = "lion"

    beta_1: float = 0.9
    beta_2: float = 0.99
    weight_decay: float = 0.0


@dataclass(frozen=True, kw_only=True)
class RMSprop(Optimizer):
    """RMSProp (Hinton, 2012). `rho` is the decay of the mean square.

    Examples
    --------
    >>> from skarma import nn
    >>> nn.RMSprop(rho=0.95).rho
    0.95
    """

    _name = "rmsprop"

    rho: float = 0.9
    epsilon: float = 1e-7

    def _native(self) -> dict[str, object]:
        return _with_rho(super()._native())


@dataclass(frozen=True, kw_only=True)
class Adagrad(Optimizer):
    """AdaGrad (Duchi et al., 2011), whose sums begin at 0 (Keras: 0.1).

    Examples
    --------
    >>> from skarma import nn
    >>> nn.Adagrad(learning_rate=0.1).learning_rate
    0.1
    """

    _name = "adagrad"

    epsilon: float = 1e-7


@dataclass(frozen=True, kw_only=True)
class Adadelta(Optimizer):
    """Adadelta (Zeiler, 2012).

    Examples
    --------
    >>> from skarma import nn
    >>> nn.Adadelta().rho
    0.95
    """

    _name = "adadelta"

    rho: float = 0.95
    epsilon: float = 1e-7

    def _native(self) -> dict[str, object]:
        return _with_rho(super()._native())


@dataclass(frozen=True, kw_only=True)
class Rprop(Optimizer):
    """Rprop (Riedmiller and Braun, 1993): steps by signs of gradients, for batches of all samples.

    Its first steps are `learning_rate`; PyTorch's constants.

    Examples
    --------
    >>> from skarma import nn
    >>> nn.Rprop()
    Rprop(learning_rate=0.01, schedule='constant')
    """

    _name = "rprop"

    learning_rate: float = 0.01


@dataclass(frozen=True, kw_only=True)
class GradientDescent(Optimizer):
    """Gradient descent: each step is by the gradient of all samples, whatever `batch_size` says.

    Examples
    --------
    >>> from skarma import nn
    >>> nn.GradientDescent(learning_rate=0.1)
    GradientDescent(learning_rate=0.1, schedule='constant')
    """

    _name = "gd"

    learning_rate: float = 0.01


def _with_rho(given: dict[str, object]) -> dict[str, object]:
    """The native rules call it beta_2."""
    given["beta_2"] = given.pop("rho")
    return given


_NAMED: dict[str, type[Optimizer]] = {
    kind._name: kind
    for kind in (
        SGD,
        Adam,
        AdamW,
        AMSGrad,
        Nadam,
        Lion,
        RMSprop,
        Adagrad,
        Adadelta,
        Rprop,
        GradientDescent,
    )
}


def optimizer_called(optimizer: str | Optimizer) -> Optimizer:
    """The optimizer, or the one of this name with its defaults."""
    if isinstance(optimizer, Optimizer):
        return optimizer
    try:
        return _NAMED[optimizer.lower()]()
    except (AttributeError, KeyError):
        names = ", ".join(repr(name) for name in _NAMED)
        raise ValueError(
            f"optimizer must be one of {names}, or an object of their classes. "
            f"Got {optimizer!r} instead."
        ) from None


def optimizer_of(given: dict[str, Any]) -> Optimizer:
    """The optimizer that `_native` describes so."""
    kind = _NAMED[given["name"]]
    figures = {**given, "rho": given["beta_2"]}
    return kind(**{field.name: figures[field.name] for field in fields(kind)})
