"""scikit-learn's search tests with skarma's networks in place of their estimators.

The tests of FILES search over LinearSVC, Ridge and others, for which skarma's searches take
scikit-learn's path. `install` changes the tests as they are imported: each call of a class of
STAND_INS makes a small network instead, and where a test names a parameter of that class it names
one of the network's. Nothing is written anywhere. Tests of not_swapped.toml are left as they are.
"""

import ast
import importlib
import importlib.machinery
import sys
import tomllib
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = ("model_selection/tests/test_search.py", "model_selection/tests/test_validation.py")
MODULES = {"sklearn." + name.removesuffix(".py").replace("/", ".") for name in FILES}
SEARCHES = ("GridSearchCV", "RandomizedSearchCV")
FUNCTIONS = ("cross_validate", "cross_val_score", "cross_val_predict")

SMALL = dict(hidden_layer_sizes=(4,), solver="lbfgs", max_iter=15, random_state=0)
SVM = dict(C="alpha", kernel="activation", gamma="learning_rate_init", degree="max_iter")
TREE = dict(max_depth="max_iter")
MOCK = dict(foo_param="alpha")

# Which network takes the place of a class, and which parameters that of the class's own. What a
# constructor is given beside them and `random_state` is dropped.
STAND_INS = {
    "CheckingClassifier": ("MLPClassifier", MOCK),
    "DecisionTreeClassifier": ("MLPClassifier", TREE),
    "DecisionTreeRegressor": ("MLPRegressor", TREE),
    "HistGradientBoostingClassifier": ("MLPClassifier", dict(max_iter="max_iter")),
    "KNeighborsClassifier": ("MLPClassifier", dict(n_neighbors="max_iter")),
    "LinearDiscriminantAnalysis": ("MLPClassifier", {}),
    "LinearRegression": ("MLPRegressor", {}),
    "LinearSVC": ("MLPClassifier", dict(C="alpha")),
    "LogisticRegression": ("MLPClassifier", dict(C="alpha")),
    "MockClassifier": ("MLPClassifier", MOCK),
    "RandomForestClassifier": ("MLPClassifier", {}),
    "Ridge": ("MLPRegressor", dict(alpha="alpha")),
    "RidgeClassifier": ("MLPClassifier", dict(alpha="alpha")),
    "SGDClassifier": ("MLPClassifier", {}),
    "SVC": ("MLPClassifier", SVM),
}
VALUES = {"linear": "identity", "poly": "tanh", "rbf": "relu"}
ATTRIBUTES = {"coef_": "coefs_", "dual_coef_": "coefs_", "intercept_": "intercepts_"}


def network(name):
    """The network that takes the place of the class `name` of scikit-learn."""
    from sklearn import neural_network  # the candidate's classes are there by now

    return getattr(neural_network, STAND_INS[name][0])


def stand_in(name, subclass=None, **parameters):
    """A small network for a call of the class `name`, or of a test's subclass of it."""
    known = {"random_state", *STAND_INS[name][1].values()}
    kept = {key: value for key, value in parameters.items() if key in known and value != "auto"}
    return (subclass or network(name))(**SMALL | kept)


class _Swap(ast.NodeTransformer):
    """Changes one function of a test module."""

    def __init__(self, function, subclasses):
        names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        self.subclasses = subclasses
        self.swapped = (names | {subclasses.get(name) for name in names}) & STAND_INS.keys()
        self.parameters = {}
        for name in self.swapped:
            self.parameters |= STAND_INS[name][1]

    def visit_Call(self, node):
        self.generic_visit(node)
        name = getattr(node.func, "id", None)
        if name in self.swapped:
            node.args.insert(0, ast.Constant(name))
            node.func = ast.Name("_stand_in", ast.Load())
        elif name in self.subclasses:
            node.args[:0] = [ast.Constant(self.subclasses[name]), node.func]
            node.func = ast.Name("_stand_in", ast.Load())
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "decision_function":
            node.func.attr = "predict_proba"  # of the second of two classes
            column = ast.Tuple([ast.Slice(), ast.Constant(1)], ast.Load())
            return ast.Subscript(node, column, ast.Load())
        return node

    def visit_keyword(self, node):
        self.generic_visit(node)
        node.arg = self.parameters.get(node.arg, node.arg)
        return node

    def visit_List(self, node):
        # A network has no decision_function: the other methods of a list of them are tested.
        self.generic_visit(node)
        values = [getattr(element, "value", None) for element in node.elts]
        if "predict_proba" in values and "decision_function" in values:
            del node.elts[values.index("decision_function")]
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        node.attr = self.parameters.get(node.attr, node.attr)
        if node.attr in ATTRIBUTES and isinstance(node.ctx, ast.Load):
            node.attr = ATTRIBUTES[node.attr]
            return ast.Subscript(node, ast.Constant(0), ast.Load())
        return node

    def visit_Constant(self, node):
        if isinstance(node.value, str):
            node.value = self._text(node.value)
        return node

    def _text(self, text):
        prefix = "param_" if text.startswith("param_") else ""
        name = text.removeprefix(prefix)
        if name in self.parameters:
            return prefix + self.parameters[name]
        if "kernel" in self.parameters:
            text = VALUES.get(text, text)
        ours = self.parameters | {name: STAND_INS[name][0] for name in self.swapped}
        for name, our_name in ours.items():
            text = text.replace(f"'{name}'", f"'{our_name}'")
        return text


def swapped(module, left):
    """The syntax tree of a test module, changed in all functions but those of `left`."""
    subclasses = {}
    for i, node in enumerate(module.body):
        if isinstance(node, ast.ClassDef):
            for j, base in enumerate(node.bases):
                if getattr(base, "id", None) in STAND_INS:
                    subclasses[node.name] = base.id
                    call = ast.Call(ast.Name("_network", ast.Load()), [ast.Constant(base.id)], [])
                    node.bases[j] = call
        elif isinstance(node, ast.FunctionDef) and node.name not in left:
            module.body[i] = _Swap(node, subclasses).visit(node)
    names = ("_network", "_stand_in", *SEARCHES, *FUNCTIONS)
    last_import = max(i for i, n in enumerate(module.body) if isinstance(n, ast.ImportFrom))
    aliases = [ast.alias(name) for name in names]
    module.body.insert(last_import + 1, ast.ImportFrom("_swapped_in", aliases, 0))
    return ast.fix_missing_locations(module)


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):  # without the cache of compiled files
        path = self.get_filename(fullname)
        file = "/".join(fullname.split(".")[1:]) + ".py"
        left = {name.rpartition("::")[2] for name in read_left() if name.startswith(file)}
        return compile(swapped(ast.parse(self.get_data(path)), left), path, "exec")


class _Finder(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname not in MODULES:
            return None
        spec = super().find_spec(fullname, path, target)
        spec.loader = _Loader(fullname, spec.origin)
        return spec


def read_left():
    """Return {test: reason} of the tests that keep scikit-learn's estimators."""
    groups = tomllib.loads((HERE / "not_swapped.toml").read_text(encoding="utf-8"))["left"]
    return {test: group["reason"] for group in groups for test in group["tests"]}


def install(module):
    """Change the tests that are imported from now on: their searches are those of `module`."""
    package = importlib.import_module(module + ".model_selection")
    names = types.ModuleType("_swapped_in")
    names._network, names._stand_in = network, stand_in
    for name in (*SEARCHES, *FUNCTIONS):
        setattr(names, name, getattr(package, name))
    sys.modules["_swapped_in"] = names
    sys.meta_path.insert(0, _Finder)
