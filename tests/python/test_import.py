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


MODULES = ["callbacks", "model_selection", "neural_network"]


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_attributes(module):
    command = [sys.executable, "-c", f"import skarma; print(skarma.{module}.__name__)"]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert printed == f"skarma.{module}\n"


def test_modules_wait_until_they_are_asked_for():
    command = [
        sys.executable,
        "-c",
        "import sys, skarma; print('skarma.model_selection' in sys.modules, dir(skarma))",
    ]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert printed.startswith("False")
    assert all(f"'{module}'" in printed for module in MODULES)


def test_what_is_not_there_is_no_attribute():
    import skarma

    with pytest.raises(AttributeError, match="module 'skarma' has no attribute 'neural_networks'"):
        _ = skarma.neural_networks


def test_neural_network_is_scikit_learns_with_our_networks():
    import sklearn.neural_network as theirs

    import skarma
    from skarma import neural_network as ours

    assert ours.MLPClassifier is skarma.MLPClassifier
    assert ours.MLPRegressor is skarma.MLPRegressor
    assert set(dir(ours)) == set(theirs.__all__)
    for name in theirs.__all__:
        if name not in ours.__all__:
            assert getattr(ours, name) is getattr(theirs, name)
    with pytest.raises(AttributeError, match="no attribute 'os'"):
        _ = ours.os
