"""The private names of scikit-learn's that the package uses: all in one module, all there."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
import sklearn
from sklearn.utils.fixes import parse_version

import skarma._borrowed
from skarma import _sklearn_private as private

PACKAGE = Path(private.__file__).parent
VERSION = parse_version(sklearn.__version__)


@pytest.mark.parametrize("name", private.NAMES)
def test_scikit_learn_has_the_name(name):
    since = private.SINCE.get(name)
    if since and parse_version(since) > VERSION:
        pytest.skip(f"scikit-learn has it from {since} on")
    assert getattr(private, name) is getattr(import_module(private.NAMES[name]), name)


@pytest.mark.parametrize("owner", private.MEMBERS)
def test_scikit_learns_classes_have_their_members(owner):
    module, _, cls = owner.rpartition(".")
    for member in private.MEMBERS[owner]:
        assert hasattr(getattr(import_module(module), cls), member), f"{owner}.{member}"


def test_scikit_learns_networks_have_the_methods_that_ours_borrow():
    base = private.networks_module().BaseMultilayerPerceptron
    for name in skarma._borrowed.OF_BOTH:
        assert name in vars(base), name
    for name in skarma._borrowed.OF_EACH:
        for cls in ("MLPClassifier", "MLPRegressor"):
            assert name in vars(getattr(private.networks_module(), cls)), name


def test_a_name_that_scikit_learn_has_moved_is_named(monkeypatch):
    monkeypatch.setitem(private.NAMES, "_gone", "sklearn.utils.validation")
    with pytest.raises(ImportError, match=r"has no sklearn.utils.validation._gone, which skarma"):
        private._gone  # noqa: B018
    with pytest.raises(AttributeError):
        private._never_listed  # noqa: B018


def is_private(path):
    return any(part.startswith("_") for part in path.split("."))


def private_uses(tree):
    """What a module takes of scikit-learn's private names by itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sklearn"):
            for name in node.names:
                if is_private(f"{node.module}.{name.name}"):
                    yield f"{node.module}.{name.name}"
        elif isinstance(node, ast.Import):
            for name in node.names:
                if name.name.startswith("sklearn") and is_private(name.name):
                    yield name.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.fullmatch(r"sklearn(\.\w+)*\._\w+(\.\w+)*", node.value):
                yield node.value


@pytest.mark.parametrize(
    "text", ["from sklearn.a import _b", "import sklearn._c.d", "f('sklearn._e')"]
)
def test_private_uses_are_found(text):
    assert len(list(private_uses(ast.parse(text)))) == 1


def test_no_other_module_takes_private_names():
    found = {
        f"{path.relative_to(PACKAGE)}: {use}"
        for path in PACKAGE.rglob("*.py")
        if path.name != "_sklearn_private.py"
        for use in private_uses(ast.parse(path.read_text()))
    }
    assert not found


def test_every_listed_name_is_used():
    text = "\n".join(
        path.read_text() for path in PACKAGE.rglob("*.py") if path.name != "_sklearn_private.py"
    )
    for name in private.NAMES:
        assert re.search(rf"\b{name}\b", text), name
