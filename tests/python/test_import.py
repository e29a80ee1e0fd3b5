"""Importing skarma is cheap because it imports nothing that its users do not have already."""

import json
import subprocess
import sys

import pytest

NEW_MODULES = """
import json, sys
import sklearn.model_selection, sklearn.neural_network, sklearn.pipeline
before = set(sys.modules)
import {module}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.mark.parametrize("module", ["skarma", "skarma.model_selection"])
def test_import_loads_nothing_heavy(module):
    """Small parts of the standard library and of scikit-learn itself are allowed."""
    command = [sys.executable, "-c", NEW_MODULES.format(module=module)]
    new = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert "skarma._native" in new
    foreign = {name.split(".")[0] for name in new} - {"skarma", "sklearn"}
    assert foreign <= sys.stdlib_module_names
    assert sum(name.startswith("sklearn.") for name in new) < 10
