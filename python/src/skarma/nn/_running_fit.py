"""A fit of a `Sequential`, while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from skarma.nn.callbacks import Callback, Logs

if TYPE_CHECKING:
    from skarma.nn.sequential import Sequential


class RunningFit:
    """Tells callbacks of one fit, and does what they ask of it."""

    def __init__(
        self,
        model: Sequential,
        callbacks: Sequence[Callback],
        verbose: int,
        epochs: int,
        names: Sequence[str],
    ) -> None:
        self.model = model
        self.callbacks = callbacks
        self.verbose = verbose
        self.epochs = epochs
        self.names = names  # of the figures that there may be
        self.begun = time.perf_counter()
        self.native: Any = None
        self.thread = threading.get_ident()  # which waits for the training, and calls

    @property
    def wants_batches(self) -> bool:
        return any(
            type(c).on_train_batch_end is not Callback.on_train_batch_end for c in self.callbacks
        )

    def __call__(self, event: str, native: Any) -> bool:
        self.native = native
        try:
            getattr(self, event)(native)
            return self.model.stop_training
        finally:
            self.native = None

    def calls_here(self) -> bool:
        """Whether a callback is called, in this thread."""
        return self.native is not None and self.thread == threading.get_ident()

    def on_begin(self, native: Any) -> None:
        for callback in self.callbacks:
            callback.set_model(self.model)
            callback.on_train_begin({})

    def on_epoch_begin(self, native: Any) -> None:
        self.begun = time.perf_counter()
        for callback in self.callbacks:
            callback.on_epoch_begin(self.epoch(native), {})

    def on_batch(self, native: Any) -> None:
        for callback in self.callbacks:
            callback.on_train_batch_end(native.batch - 1, {"loss": native.loss})

    def on_epoch(self, native: Any) -> None:
        logs = self.figures(native)
        for callback in self.callbacks:
            callback.on_epoch_end(self.epoch(native) - 1, dict(logs))
        if self.verbose:
            seconds = time.perf_counter() - self.begun
            figures = " - ".join(f"{name}: {value:.4f}" for name, value in logs.items())
            print(f"Epoch {self.epoch(native)}/{self.epochs} - {seconds:.1f}s - {figures}")

    def on_end(self, native: Any) -> None:
        for callback in self.callbacks:
            callback.on_train_end({})

    def epoch(self, native: Any) -> int:
        """How many epochs of this fit are complete."""
        return int(native.n_iter)

    def figures(self, native: Any) -> Logs:
        logs = {"loss": native.loss}
        wants_accuracy = self.model._wants_accuracy and native.accuracy is not None
        if wants_accuracy:
            logs["accuracy"] = native.accuracy
        if native.validation_loss is not None:
            logs["val_loss"] = native.validation_loss
            if wants_accuracy:
                logs["val_accuracy"] = native.validation_score
        return logs
