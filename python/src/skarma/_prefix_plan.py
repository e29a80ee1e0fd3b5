"""Which candidates of a search share the transformers before their networks."""

from __future__ import annotations

from typing import Any

from sklearn import get_config
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skarma._fallback import FallbackReason as Why
from skarma._fallback import require
from skarma._native_search import Steps
from skarma._prefix_keys import key_of
from skarma._prefixes import with_network
from skarma._search_callbacks import has_callbacks


class AnyPipeline:
    """A pipeline of any transformers before a network, which is to be fitted natively.

    The last step may be such a pipeline itself. Raises NotNative for other estimators.

    Attributes
    ----------
    mlp_name : str
        The name of the network's step, as parameters have it.

    network : NetworkStep
        The network, whose estimator is `mlp`.
    """

    def __init__(self, estimator: Any) -> None:
        self.original, names = estimator, []
        while type(estimator) is Pipeline and estimator.steps:
            require(not estimator.verbose, Why.VERBOSE_ESTIMATOR, "the pipeline is verbose")
            name, estimator = estimator.steps[-1]
            names.append(name)
        self.mlp_name, self.network = "__".join(names), Steps.to_fit(estimator).network
        self.mlp = self.network.estimator
        self.estimator = clone(self.original)  # with generators as they are before cv draws
        parts = [self.original, *self.original.get_params().values()]
        require(not any(map(has_callbacks, parts)), Why.CALLBACKS, "the estimator has callbacks")
        dispatched = get_config()["array_api_dispatch"]
        require(not dispatched, Why.TRANSFORMER, "transformers may compute by another library")

    def validate(self) -> None:
        """Say what is wrong with the network's parameters; fits say it of the transformers'."""
        self.network.validate()

    def is_of_transformers(self, name: str) -> bool:
        """Whether what a fit is given is for transformers."""
        return "__" in name and not self.is_of_network(name)

    def is_of_network(self, name: str) -> bool:
        """Whether a parameter is the network's, or the network itself."""
        return name == self.mlp_name or name.startswith(f"{self.mlp_name}__")


def steps_of(estimator: Any, behind_prefixes: bool) -> Any:
    """An estimator as it is fitted natively, wholly or behind prefixes. Raises NotNative."""
    return AnyPipeline(estimator) if behind_prefixes else Steps.to_fit(estimator)


class Networks:
    """Candidates that differ in parameters of one network alone."""

    def __init__(self, mlp: Any) -> None:
        self.steps = Steps.to_fit(mlp)
        self.native = self.steps.network.prototype(None)
        self.candidates: list[int] = []
        self.values: list[dict[str, Any]] = []

    def add(self, candidate: int, parameters: dict[str, Any]) -> Any:
        """One more candidate; gives its Steps, which are its network alone."""
        mlp = clone(self.steps.mlp).set_params(**clone(parameters, safe=False))
        steps = Steps.to_fit(mlp)
        steps.validate()
        self.candidates.append(candidate)
        self.values.append(steps.native_values(parameters, self.native))
        return steps


class Prefix:
    """Transformers with their parameters, and the networks of the candidates that have them."""

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = with_network(pipeline, "passthrough")
        self.networks: dict[Any, Networks] = {}

    @property
    def candidates(self) -> list[int]:
        """Their numbers."""
        return [number for networks in self.networks.values() for number in networks.candidates]

    def key(self) -> Any:
        """Equal for transformers that are the same."""
        pipeline, levels = self.pipeline, []
        while type(pipeline) is Pipeline:
            steps = [
                (name, key_of(step))
                for name, step in pipeline.steps[:-1]
                if step is not None and step != "passthrough"
            ]
            others = pipeline.memory, pipeline.transform_input
            levels.append((tuple(steps), key_of(others)))
            pipeline = pipeline.steps[-1][1]
        return tuple(levels)


class Plan:
    """Candidates by prefix and network, in the order in which they come."""

    def __init__(self, whole: AnyPipeline, candidates: Any) -> None:
        self.whole = whole
        self.networks: list[Steps] = []
        by_parameters: dict[Any, Prefix] = {}
        by_key: dict[Any, Prefix] = {}
        for number, candidate in enumerate(candidates):
            own = {name: v for name, v in candidate.items() if whole.is_of_network(name)}
            others = {name: v for name, v in candidate.items() if name not in own}
            given = key_of(_sorted_items(others))
            if given not in by_parameters:
                prefix = Prefix(self._with(others))
                by_parameters[given] = by_key.setdefault(prefix.key(), prefix)
            self._add(by_parameters[given], number, own)
        self.prefixes = list(by_key.values())

    def _with(self, parameters: dict[str, Any]) -> Any:
        """The pipeline with parameters of its transformers."""
        estimator = clone(self.whole.estimator).set_params(**clone(parameters, safe=False))
        name = AnyPipeline(estimator).mlp_name
        require(name == self.whole.mlp_name, Why.CANDIDATE, "candidates replace all steps")
        return estimator

    def _add(self, prefix: Prefix, number: int, own: dict[str, Any]) -> None:
        name = self.whole.mlp_name
        key = key_of(own[name]) if name in own else None
        mlp = own.pop(name, self.whole.mlp)
        if key not in prefix.networks:
            kind = type(self.whole.mlp)
            require(
                type(mlp) is kind, Why.CANDIDATE, f"candidates replace the {kind.__name__} by {mlp}"
            )
            prefix.networks[key] = Networks(clone(mlp))
        own = {parameter.removeprefix(f"{name}__"): value for parameter, value in own.items()}
        self.networks.append(prefix.networks[key].add(number, own))

    @property
    def in_order(self) -> bool:
        """Whether the fits of these prefixes, one after another, are those of the candidates."""
        numbers = [number for prefix in self.prefixes for number in prefix.candidates]
        return numbers == list(range(len(numbers)))


def _sorted_items(parameters: dict[str, Any]) -> list[Any]:
    return sorted(parameters.items(), key=lambda item: item[0])
