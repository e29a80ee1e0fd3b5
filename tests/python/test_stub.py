"""The stub of the extension module has what the module has."""

import ast
from pathlib import Path

import skarma
from skarma import _native


def public(names):
    return {name for name in names if not name.startswith("_")}


def members(body):
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name: node for node in body if isinstance(node, kinds)}


def test_the_stub_is_the_module():
    stub = ast.parse(Path(skarma.__file__).with_name("_native.pyi").read_text())
    top = members(stub.body)
    assert public(top) == public(dir(_native))
    shared = public(members(top["_MLP"].body))
    for name in ("MLPClassifier", "MLPRegressor"):
        own = public(members(top[name].body))
        assert own | shared == public(vars(getattr(_native, name)))
    assert public(members(top["Target"].body)) == public(vars(_native.Target))


def test_members_of_networks_of_layers():
    stub = ast.parse(Path(skarma.__file__).with_name("_native.pyi").read_text())
    top = members(stub.body)
    for name in ("Sequential", "WatchedFit", "Layer"):
        annotated = {n.target.id for n in top[name].body if isinstance(n, ast.AnnAssign)}
        assert public(members(top[name].body)) | annotated == public(vars(getattr(_native, name)))
