"""What the native searches and cross-validations need of scikit-learn's objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn import get_config
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import process_routing

from skarma import _native
from skarma._fallback import FallbackReason as Why
from skarma._fallback import require
from skarma._network_step import native_value, network_step
from skarma._search_callbacks import has_callbacks
from skarma._transformers import NATIVE_TRANSFORMERS, row_of

_MOST_ROWS = 50_000_000  # row numbers that are kept at once; scikit-learn's path has a fold a time


def require_repeatable(cv: Any, y: Any) -> None:
    require(y is not None, Why.TARGETS, "there is no y")
    is_iterator = hasattr(cv, "__next__")
    require(not is_iterator, Why.SPLITTER, "cv is an iterator, which can be iterated over but once")


def final_step(estimator: Any) -> Any:
    """The last step of a pipeline, of the innermost one if that is one itself; an estimator that is
    none, or has no steps, is its own.
    """
    while isinstance(estimator, Pipeline) and estimator.steps:
        estimator = estimator.steps[-1][1]
    return estimator


class Steps:
    """An estimator that the native library knows: transformers and a network."""

    def __init__(self, estimator: Any) -> None:
        self.transformers, self.mlp_name, self.mlp = [], "", estimator
        if type(estimator) is Pipeline:
            require(estimator.steps, Why.ESTIMATOR, "the pipeline has no steps")
            *transformers, (self.mlp_name, self.mlp) = estimator.steps
            self.transformers = [
                (name, self._transformer(name, transformer))
                for name, transformer in transformers
                if transformer is not None and not isinstance(transformer, str)
            ]
        self.network = network_step(self.mlp)

    @classmethod
    def to_fit(cls, estimator: Any) -> Any:
        """The steps of an estimator that is to be fitted natively."""
        watched = [estimator, *(s for _, s in getattr(estimator, "steps", []))]
        is_watched = any(map(has_callbacks, watched))
        require(not is_watched, Why.CALLBACKS, "the estimator has callbacks")
        steps = cls(estimator)
        has_memory = bool(steps.mlp_name) and estimator.memory is not None
        require(not has_memory, Why.TRANSFORMER, "the pipeline has a memory")
        steps.network.require_native()
        is_verbose = type(estimator) is Pipeline and estimator.verbose
        require(not is_verbose, Why.VERBOSE_ESTIMATOR, "the pipeline is verbose")
        return steps

    @staticmethod
    def _transformer(name: str, transformer: Any) -> Any:
        require(
            row_of(transformer) is not None,
            Why.TRANSFORMER,
            f"the step {name!r} of the pipeline is none of {', '.join(NATIVE_TRANSFORMERS)}: "
            f"{transformer!r}",
        )
        return transformer

    def is_of_transformers(self, name: str) -> bool:
        """Whether what a fit is given is for transformers, none of whose takes anything here."""
        return False

    def native_transformers(self) -> Any:
        """Names, classes and parameters for the native search."""
        return [
            (name, row_of(step).name, row_of(step).native_parameters(step))
            for name, step in self.transformers
        ]

    def native_values(self, candidate: dict[str, Any], prototype: Any) -> dict[str, Any]:
        """The parameters of a candidate, which are set already, as the native search takes them."""
        native: dict[str, Any] = {}
        of_network = {}
        for name, value in candidate.items():
            step, _, parameter = name.rpartition("__")
            if step == self.mlp_name and self.network.has(parameter):
                of_network[parameter] = value
                continue
            row = row_of(dict(self.transformers).get(step))
            if row is not None and parameter in row.pairs:
                pair = row.native_pair(parameter, value)
                native |= {f"{step}__{end}": v for end, v in pair.items()}
                continue
            require(
                row is not None and parameter in row.parameters,
                Why.CANDIDATE,
                f"candidates set {name}, which only scikit-learn's path can do",
            )
            native[name] = native_value(name, value)
        prefix = f"{self.mlp_name}__" if self.transformers else ""
        values = self.network.native_values(of_network, prototype)
        return native | {f"{prefix}{name}": value for name, value in values.items()}

    def require_fits_to(self, X: Any, n_samples: Iterable[int]) -> None:
        """Refuse what is scikit-learn's to fit to folds of X of so many samples each."""
        for n in sorted(set(n_samples)):
            is_sparse, shape = issparse(X), (n, X.shape[1])
            for name, transformer in self.transformers:
                row = row_of(transformer)
                require(
                    not is_sparse or row.takes_sparse(transformer),
                    Why.TRANSFORMER,
                    f"X is sparse, which the step {name!r} does not take: {transformer!r}",
                )
                reason = row.refuses(transformer, shape, is_sparse)
                require(
                    reason is None,
                    Why.TRANSFORMER,
                    f"the step {name!r} is scikit-learn's: {reason}",
                )
                shape = n, row.n_out(transformer, shape)
                is_sparse = is_sparse and not row.gives_dense

    def validate(self) -> None:
        for _, transformer in self.transformers:
            transformer._validate_params()
        for _, kind, parameters in self.native_transformers():
            _native.check_transformer(kind, parameters)
        self.network.validate()


class FitParameters:
    """What comes with the samples: for the splitter, the fits and the scores."""

    def __init__(self, routed: Any, estimator: Any, steps: Any) -> None:
        self.split = routed.splitter.split
        self.fit, self.score = routed.estimator.fit, routed.scorer.score
        weights = self._weights_of_network(estimator, steps)
        self.of_transformers = {n: v for n, v in self.fit.items() if steps.is_of_transformers(n)}
        others = ", ".join(set(self.fit) - set(weights) - set(self.of_transformers))
        require(not others, Why.FIT_PARAMETERS, f"fit was given {others}")
        self.sample_weight = next(iter(weights.values()), None)

    def _weights_of_network(self, estimator: Any, steps: Any) -> dict[str, Any]:
        """The network's sample_weight, by the name that the estimator's fit was given it by."""
        network, fit = steps.mlp_name, self.fit
        if not network or not get_config()["enable_metadata_routing"]:
            name = f"{network}__sample_weight" if network else "sample_weight"
            return {name: fit[name]} if name in fit else {}
        if not fit:
            return {}
        is_native = isinstance(steps, Steps)
        require(is_native, Why.FIT_PARAMETERS, "metadata is routed through scikit-learn's steps")
        routed = process_routing(estimator, "fit", **fit)
        for step, _ in steps.transformers:
            taken = {name for given in routed[step].values() for name in given}
            require(not taken, Why.FIT_PARAMETERS, f"the step {step!r} is given {', '.join(taken)}")
        given = routed[network].fit
        require(
            set(given) <= {"sample_weight"}, Why.FIT_PARAMETERS, f"fit was given {', '.join(given)}"
        )
        return {n: v for n, v in fit.items() if any(v is value for value in given.values())}


def weights_of(sample_weight: Any, n_samples: int) -> Any:
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, dtype=np.float64)
    require(
        weights.shape == (n_samples,) and np.isfinite(weights).all() and weights.any(),
        Why.FIT_PARAMETERS,
        "sample_weight is not one finite number a sample, not all of them zero",
    )
    return weights


class Folds:
    """The rows that each fold trains on and tests, as a splitter yields them.

    Where a fold trains on all that it does not test, in their order, the tests alone are kept.

    Parameters
    ----------
    splits : iterable of (ndarray, ndarray)
        What the splitter yields.

    n_samples : int
        How many samples there are.
    """

    def __init__(self, splits: Any, n_samples: int) -> None:
        self.n_samples = n_samples
        self._kept = []
        n_kept = 0
        for train, test in splits:
            train, test = np.asarray(train), np.asarray(test)
            for part in (train, test):
                require(
                    part.dtype.kind in "iu" and part.size > 0 and part.min() >= 0,
                    Why.SPLITTER,
                    "cv does not yield index arrays",
                )
            is_there = max(train.max(), test.max()) < n_samples
            require(is_there, Why.SPLITTER, "cv yields rows that are not there")
            others = len(train) + len(test) == n_samples and train.dtype == np.intp
            others = others and np.array_equal(train, self._others(test))
            others = others and np.array_equal(test, np.sort(test))
            n_kept += len(test) if others else len(test) + len(train)
            require(
                n_kept <= _MOST_ROWS,
                Why.SPLITTER,
                f"the folds have more than {_MOST_ROWS} rows in all",
            )
            self._kept.append((None if others else train, test))

    def _others(self, test: Any) -> Any:
        left = np.ones(self.n_samples, dtype=bool)
        left[test] = False
        return np.flatnonzero(left)

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, fold: int) -> Any:
        train, test = self._kept[fold]  # an IndexError ends an iteration
        return (self._others(test) if train is None else train), test

    @property
    def tests(self) -> Any:
        """The rows that each fold tests."""
        return [test for _, test in self._kept]

    def n_train(self, fold: int) -> Any:
        """How many rows a fold trains on."""
        train, test = self._kept[fold]
        return self.n_samples - len(test) if train is None else len(train)

    def native(self) -> Any:
        """Row numbers for the native library; None for a training part of all others."""
        return [
            (None if train is None else train.astype(np.uint32), test.astype(np.uint32))
            for train, test in self._kept
        ]


def native_candidate(estimator: Any, candidate: dict[str, Any], prototype: Any) -> Any:
    """A candidate's parameters as the native search takes them, and its steps, once they are known
    to be right.
    """
    candidate_estimator = clone(estimator).set_params(**clone(candidate, safe=False))
    if type(estimator) is Pipeline:
        for name, _ in estimator.steps:
            require(
                name not in candidate,
                Why.CANDIDATE,
                f"candidates replace the step {name!r} of the pipeline",
            )
    steps = Steps.to_fit(candidate_estimator)
    steps.validate()
    return steps.native_values(candidate, prototype), steps
