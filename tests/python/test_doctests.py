"""The examples in the documentation of the package say what it does."""

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import skarma
import skarma.autodiff
import skarma.callbacks
import skarma.demos
import skarma.model_selection
import skarma.nn
from skarma._history import History
from skarma._summary import Layer, Summary

MODULES = ["skarma"] + [m.name for m in pkgutil.walk_packages(skarma.__path__, "skarma.")]
DOCS = Path(__file__).parents[2] / "docs"
PUBLIC = [
    *(
        getattr(module, name)
        for module in (
            skarma,
            skarma.autodiff,
            skarma.callbacks,
            skarma.demos,
            skarma.model_selection,
            skarma.nn,
        )
        for name in module.__all__
        if callable(getattr(module, name))
    ),
    History,
    Layer,
    Summary,
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_show(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("thing", PUBLIC, ids=lambda thing: thing.__name__)
def test_what_is_public_has_an_example(thing):
    if thing.__module__.startswith("skarma"):
        assert ">>> " in inspect.getdoc(thing)


@pytest.mark.filterwarnings("ignore")
def test_what_was_refused_is_there():
    page = DOCS / "asked_and_refused.md"
    outcome = doctest.testfile(str(page), module_relative=False)
    assert outcome.failed == 0
    assert outcome.attempted >= 50
