"""The libraries of tests/plugins, which a build of skarma has beside its tests."""

import os
from pathlib import Path

import pytest

FOLDER = Path(
    os.environ.get("SKARMA_TEST_PLUGINS", Path(__file__).parents[2] / "build" / "release")
)
#: The processor as a library's devices 'cuda:0', 'cuda:1' and 'cuda-host'.
CPU_PLUGIN = FOLDER / "skarma_cpu_plugin.so"
#: The CUDA engine as it is without CUDA: 'cuda-host' alone.
HOST_PLUGIN = FOLDER / "skarma_host_plugin.so"

#: Where SKARMA_TEST_PLUGINS names a folder, they have to be there.
needs_plugins = pytest.mark.skipif(
    "SKARMA_TEST_PLUGINS" not in os.environ and not CPU_PLUGIN.exists(),
    reason=f"there is no {CPU_PLUGIN}: devices of a library are NOT tested",
)
