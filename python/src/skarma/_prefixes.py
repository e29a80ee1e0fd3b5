"""Transformers before a network, fitted by scikit-learn's own code: one fit for each fold."""

from __future__ import annotations

import copy
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skarma._fallback import FallbackReason as Why
from skarma._fallback import NotNative
from skarma._network_step import network_step, samples_of
from skarma._sklearn_private import (
    _check_method_params,
    _get_feature_names,
    _num_samples,
    _safe_split,
)


def with_network(pipeline: Any, network: Any) -> Any:
    """A pipeline with another last step, of the innermost pipeline if the last step is one; its
    transformers are shared.
    """
    name, last = pipeline.steps[-1]
    last = with_network(last, network) if type(last) is Pipeline else network
    other = copy.copy(pipeline)
    other.steps = [*pipeline.steps[:-1], (name, last)]
    return other


class FittedPrefix:
    """What the transformers of a pipeline have made of one fold.

    Parameters
    ----------
    pipeline : Pipeline
        The transformers, unfitted, before a last step that is 'passthrough'.

    network : MLPClassifier or MLPRegressor
        A network that is to come behind them.

    X, y : array-like
        All samples and their targets.

    fold : int
        The fold's number.

    split : tuple of ndarray
        The rows that the fold trains on, and tests.

    params : dict
        What the transformers' fits are given beside samples and targets.

    tests, trains_again : bool
        Whether the test part is scored, and the training part.

    Attributes
    ----------
    train, test : {ndarray, csr_matrix} of shape (n_samples, n_features)
        The samples as the network takes them. Where there is nothing to test, or where only
        scikit-learn can, the test part is a sample of the training part.

    rows : ndarray of shape (n_samples,)
        The rows of X that they are made of, those of the training part first.

    error : Exception or None
        What the fit has failed with.

    is_judged : bool
        Whether scikit-learn is to score what comes behind: where the transformation of a part
        fails, warns, or differs from what the fit has made of it.

    fit_time, score_time : float
        Seconds that went into the fit, and into the transformation of the test part.
    """

    def __init__(
        self,
        pipeline: Any,
        network: Any,
        X: Any,
        y: Any,
        fold: int,
        split: Any,
        params: Any,
        *,
        tests: bool,
        trains_again: bool,
    ) -> None:
        self.pipeline, self.fold = clone(pipeline), fold
        self.error: Exception | None = None
        self.is_judged, self.score_time = False, 0.0
        train, test = split
        start = time.time()
        X_train, y_train = _safe_split(self.pipeline, X, y, train)
        X_test, _ = _safe_split(self.pipeline, X, y, test, train)
        params = _check_method_params(X, params, indices=train)
        with _recorded() as self._warnings:
            self.train = self._fit(network, X_train, y_train, params)
        self.fit_time = time.time() - start
        if self.error is not None:
            return
        self.test: Any = None
        if tests:
            start = time.time()
            self.test = self._transformed(X_test)
            self.score_time = time.time() - start
            self.is_judged = self.test is None
        if self.test is None:
            self.test, test = self.train[:1], train[:1]
        if trains_again:
            self.train = self.train.copy()  # which may be X_train, changed in place
            again = self._transformed(X_train)
            self.is_judged |= again is None or not _same(again, self.train)
        self.rows = np.concatenate([train, test])

    def _fit(self, network: Any, X: Any, y: Any, params: Any) -> Any:
        """What comes out, or None where the fit, or that of any network behind it, fails."""
        try:
            transformed = self.pipeline.fit_transform(X, y, **params)
            self.names = _get_feature_names(transformed)
            samples = _samples_or_none(transformed)
            if samples is not None and samples.shape[0] == len(y):
                self.n_features = samples.shape[1]
                return samples
            clone(network).fit(transformed, y)  # which says what is wrong with them
        except Exception as error:
            self.error, self._traceback = error, error.__traceback__
            return None
        raise NotNative(Why.TRANSFORMER, "the transformers give samples of a kind of their own")

    def _transformed(self, X: Any) -> Any:
        """A part of the samples, or None where scikit-learn is to judge."""
        with _recorded() as told:
            try:
                transformed = self.pipeline.transform(X)
                names = _get_feature_names(transformed)
            except Exception:  # scikit-learn's scorers come upon it again
                return None
            samples = _samples_or_none(transformed)
        if samples is None or told or samples.shape[0] != _num_samples(X):
            return None
        alike = _kind(samples) == _kind(self.train) and np.array_equal(names, self.names)
        return samples if alike else None

    @property
    def kind(self) -> Any:
        """What folds have in common that can be stacked."""
        return _kind(self.train), None if self.names is None else tuple(self.names)

    @property
    def n_bytes(self) -> int:
        """What the samples take."""
        return _n_bytes(self.train) + _n_bytes(self.test)

    def free(self) -> None:
        """Let the samples go."""
        del self.train, self.test

    def tell(self) -> None:
        """Give the warnings of the fit, each where it came from, and raise its error.

        As in scikit-learn, a filter that says things once does so for each fit.
        """
        said: dict[Any, Any] = {}
        for told in self._warnings:
            warnings.warn_explicit(
                told.message,
                told.category,
                told.filename,
                told.lineno,
                module=_module_at(told.filename),
                registry=said.setdefault(told.filename, {}),
                source=told.source,
            )
        if self.error is not None:
            raise self.error.with_traceback(self._traceback)

    def completed(self, network: Any, native: Any, y: Any) -> Any:
        """The whole pipeline as a fit to the fold has left it.

        Parameters
        ----------
        network : MLPClassifier or MLPRegressor
            The network with its parameters; a copy is fitted.

        native : object
            The native network that was fitted.

        y : array-like
            The targets that it was fitted to.

        Returns
        -------
        pipeline : Pipeline
            Its transformers are shared with this prefix.
        """
        network = clone(network)
        if self.names is not None:
            network.feature_names_in_ = self.names
        network.n_features_in_ = self.n_features
        network_step(network).take(native, y)
        return with_network(self.pipeline, network)


def _samples_or_none(transformed: Any) -> Any:
    try:
        return samples_of(transformed)
    except NotNative:
        return None


@contextmanager
def _recorded() -> Iterator[list[Any]]:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        yield told


def _module_at(filename: str) -> str | None:
    """The module of a file, whose name filters of warnings may have."""
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) == filename:
            return name
    return None


def _kind(samples: Any) -> Any:
    return issparse(samples), samples.dtype, samples.shape[1]


def _n_bytes(samples: Any) -> int:
    if not issparse(samples):
        return int(samples.nbytes)
    return int(samples.data.nbytes + samples.indices.nbytes + samples.indptr.nbytes)


def _same(samples: Any, others: Any) -> bool:
    if issparse(samples):
        return (samples != others).nnz == 0
    return np.array_equal(samples, others)
