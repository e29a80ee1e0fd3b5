"""Where the tests of GPUs run: with libskarma_cuda.so beside skarma's extension module."""

import os
from pathlib import Path

import pytest

from skarma import _native

LIBRARY = Path(_native.__file__).with_name("libskarma_cuda.so")


def leave_out(reason):
    """Skip a test, or fail where SKARMA_REQUIRE_GPU=1 wants none left out."""
    out = pytest.fail if os.environ.get("SKARMA_REQUIRE_GPU") == "1" else pytest.skip
    out(reason)


def require_library():
    if not LIBRARY.exists():
        leave_out(f"there is no {LIBRARY}: the wheel skarma-cuda is NOT tested")


def told_of_gpus():
    """Pairs of name and description; ("GPU", "none: why") alone where there is none."""
    require_library()
    return _native.runtime_info()["gpus"]


def require_gpu():
    [(name, why), *_] = told_of_gpus()
    if name == "GPU":
        leave_out(f"GPU {why} device='cuda' is NOT tested")


def require_no_gpu():
    if told_of_gpus()[0][0] != "GPU":
        pytest.skip("there is a GPU")
