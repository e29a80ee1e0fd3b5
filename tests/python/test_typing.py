"""What a type checker says of programs that use the package, and of the package."""

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

import skarma
from skarma import _native

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "tests" / "typing"
AS_USERS = ("--strict", "--config-file", str(PROGRAMS / "mypy.ini"))
PACKAGE = ROOT / "python" / "src" / "skarma"

if np.lib.NumpyVersion(np.__version__) < "2.4.0":
    pytest.skip("NumPy's annotations are older: NO types are checked", allow_module_level=True)
mypy = pytest.importorskip("mypy", reason="mypy is missing: NO types are checked")


def errors(folder, *arguments):
    """The lines of mypy's report that are errors, and all of it."""
    command = [sys.executable, "-m", "mypy", "--cache-dir", folder, "--hide-error-context"]
    done = subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = re.findall(r"^(\S+?):(\d+): error: .*\[([a-z-]+)\]$", done.stdout, re.MULTILINE)
    return {(int(line), code) for _, line, code in found}, done.stdout


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return str(tmp_path_factory.mktemp("mypy"))


def test_a_right_program_is_clean(cache):
    found, report = errors(cache, *AS_USERS, str(PROGRAMS / "right.py"))
    assert not found and "Success" in report, report


def test_the_right_program_uses_every_public_name():
    text = (PROGRAMS / "right.py").read_text()
    modules = (
        skarma,
        skarma.inspection,
        skarma.model_selection,
        skarma.callbacks,
        skarma.neural_network,
        skarma.nn,
    )
    for module in modules:
        for name in module.__all__:
            assert re.search(rf"\b{name}\b", text), name


def test_mistakes_are_found(cache):
    lines = (PROGRAMS / "wrong.py").read_text().splitlines()
    expected = {
        (number, code)
        for number, line in enumerate(lines, 1)
        if "# E: " in line
        for code in line.partition("# E: ")[2].split()
    }
    found, report = errors(cache, *AS_USERS, str(PROGRAMS / "wrong.py"))
    assert len({line for line, _ in expected}) > 30
    assert found == expected, report


def test_the_package_is_clean(cache):
    found, report = errors(cache, str(PACKAGE))
    assert not found and "Success" in report, report


def test_solvers_are_those_that_there_are():
    from skarma._types import Solver

    tables = _native.mlp_classifier_parameters() + _native.mlp_regressor_parameters()
    names = {name for row in tables if row["name"] == "solver" for name in row["names"]}
    assert set(get_args(Solver)) == names
