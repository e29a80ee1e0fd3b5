"""Why a search or a cross-validation takes scikit-learn's path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, NamedTuple


class FallbackReason(StrEnum):
    """Why a search or a cross-validation took scikit-learn's path: `fallback_reason_` of a search.

    `search_path_` says the same in a sentence. The guide's page on searches has the table of what
    each means. A member is equal to its text: ``search.fallback_reason_ == "estimator"``.

    Examples
    --------
    >>> from skarma.model_selection import FallbackReason
    >>> FallbackReason("estimator")
    <FallbackReason.ESTIMATOR: 'estimator'>
    """

    ESTIMATOR = "estimator"
    CHANGED_METHOD = "changed_method"
    TRANSFORMER = "transformer"
    VERBOSE_ESTIMATOR = "verbose_estimator"
    CALLBACKS = "callbacks"
    CANDIDATE = "candidate"
    EPOCHS = "epochs"
    SAMPLES = "samples"
    TARGETS = "targets"
    SPLITTER = "splitter"
    FIT_PARAMETERS = "fit_parameters"
    RANDOM_STATE = "random_state"
    BACKEND = "backend"
    RESULT = "result"
    REFUSED = "refused"
    NEVER = "never"


class NotNativeError(ValueError):
    """A search or a cross-validation with ``native="require"`` cannot be native.

    Attributes
    ----------
    reason : FallbackReason
        The reason as a code; the text has the sentence.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skarma.model_selection import GridSearchCV, NotNativeError
    >>> search = GridSearchCV(LogisticRegression(), {"C": [1, 2]}, native="require")
    >>> try:
    ...     search.fit([[0], [1], [2], [3]], [0, 1, 0, 1])
    ... except NotNativeError as error:
    ...     print(error.reason)
    estimator
    """

    def __init__(self, text: str, reason: FallbackReason) -> None:
        super().__init__(text, reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.args[0])


class Fallback(NamedTuple):
    """A reason, and the sentence that says what it is about."""

    code: FallbackReason
    sentence: str

    def refused(self, native: str) -> Fallback:
        """The same, where it may be. Raises NotNativeError if the caller requires another path."""
        if native != "require":
            return self
        raise NotNativeError(f"native='require', but {self.sentence}", self.code)


#: What `native` may be.
NATIVE = ("auto", "require", "never")
NOT_WANTED = Fallback(FallbackReason.NEVER, "native='never'")


class NotNative(Exception):
    """Why a search or a cross-validation takes scikit-learn's path."""

    def __init__(self, code: FallbackReason, sentence: str) -> None:
        super().__init__(sentence)
        self.why = Fallback(code, sentence)


def require(condition: Any, code: FallbackReason, sentence: str) -> None:
    """Raise NotNative unless the condition holds."""
    if not condition:
        raise NotNative(code, sentence)


@contextmanager
def judged_by_sklearn() -> Iterator[Any]:
    """What scikit-learn's checks refuse is refused by scikit-learn's path, in its own words.

    An AttributeError goes through: it may be of a name that scikit-learn has moved.
    """
    try:
        yield
    except (ValueError, TypeError) as error:
        raise NotNative(FallbackReason.REFUSED, f"scikit-learn is to judge: {error}") from None
