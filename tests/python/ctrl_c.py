"""Ctrl-C, as a test presses it."""

import os
import signal
import threading
from contextlib import contextmanager


@contextmanager
def ctrl_c_after(seconds):
    """Send this process a SIGINT while the block runs; none once it has ended.

    A process that was started in the background may ignore the signal: not while the block runs.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)
