"""Nothing that Python can do to an object of the extension module ends the process."""

import copy
import copyreg
import inspect
import pickle
import subprocess
import sys
import textwrap

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris

import skarma
from skarma import _native

X, Y = load_iris(return_X_y=True)
CLASSES = [
    c for c in vars(_native).values() if inspect.isclass(c) and not issubclass(c, BaseException)
]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def fitted(kind, **parameters):
    return kind(hidden_layer_sizes=(3,), max_iter=3, random_state=0, **parameters).fit(X, Y)


@pytest.fixture(scope="module", params=[skarma.MLPClassifier, skarma.MLPRegressor])
def model(request):
    return fitted(request.param)


def same(twin, model):
    np.testing.assert_array_equal(twin.predict(X), model.predict(X))
    assert twin.get_params() == model.get_params()
    return True


# ---- pickles


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_gives_the_model_back(model, protocol):
    assert same(pickle.loads(pickle.dumps(model, protocol)), model)
    native = pickle.loads(pickle.dumps(model._model, protocol))
    np.testing.assert_array_equal(native.packed_parameters(), model._model.packed_parameters())


def test_copies_are_the_model(model, tmp_path):
    assert same(copy.copy(model), model)
    assert same(copy.deepcopy(model), model)
    twin = copy.copy(model)
    twin._model = copy.copy(model._model)
    assert same(twin, model)
    joblib.dump(model, tmp_path / "m.joblib")
    assert same(joblib.load(tmp_path / "m.joblib"), model)


def test_skops_gives_the_model_back(model):
    io = pytest.importorskip("skops.io")
    state = io.dumps(model)
    assert same(io.loads(state, trusted=io.get_untrusted_types(data=state)), model)


@pytest.mark.parametrize("protocol", [0, 1])
def test_copyreg_raises(model, protocol):
    for native in (model._model, _native.Target.numbers(Y)):
        with pytest.raises(TypeError):
            copyreg._reduce_ex(native, protocol)


def test_what_has_no_state_says_so():
    target = _native.Target.numbers(Y.astype(float))
    for take_apart in (
        copy.copy,
        copy.deepcopy,
        *(lambda t, p=p: pickle.dumps(t, p) for p in PROTOCOLS),
    ):
        with pytest.raises(TypeError, match=r"cannot pickle '.*Target' object"):
            take_apart(target)


def test_a_pickle_of_the_first_days_is_read(model):
    """Until __reduce__ came, pickle made an object first and then gave it its bytes."""
    native = model._model
    twin = copyreg.__newobj__(type(native))
    twin.__setstate__(native.__getstate__())
    np.testing.assert_array_equal(twin.packed_parameters(), native.packed_parameters())


def test_the_state_of_another_class_is_refused():
    classifier, regressor = fitted(skarma.MLPClassifier), fitted(skarma.MLPRegressor)
    for own, other in ((classifier, regressor), (regressor, classifier)):
        kind = type(own._model)
        message = f"state of {type(other).__name__}, not of {type(own).__name__}"
        with pytest.raises(ValueError, match=message):
            kind(other._model.__getstate__())
        with pytest.raises(ValueError, match=message):
            kind.__new__(kind).__setstate__(other._model.__getstate__())
        with pytest.raises(ValueError, match=message):
            type(own)().__setstate__(other.__getstate__())
    with pytest.raises(RuntimeError, match="the state is not a safetensors file"):
        _native.MLPClassifier(b"no model")


# ---- objects without their constructor, and wrong arguments


def run(code):
    """Runs code in a process of its own, whose end would be ours."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{done.returncode}\n{done.stdout[-500:]}\n{done.stderr[-2000:]}"
    return done.stdout


MEMBERS = """
    import inspect, itertools, warnings
    import numpy as np
    import skarma
    from skarma import _native
    warnings.simplefilter("ignore")
    CLASSES = [c for c in vars(_native).values()
               if inspect.isclass(c) and not issubclass(c, BaseException)]
    def members(kind):
        return [name for name in dir(kind) if name not in dir(object)] + ["__init__", "__reduce__"]
    def attempt(action):
        try:
            return action()
        except Exception as error:
            assert type(error) is not SystemError, error
"""


def test_an_object_without_its_constructor_is_refused():
    assert len(CLASSES) >= 4
    out = run(
        MEMBERS
        + """
    for kind in CLASSES:
        class Derived(kind):
            def __init__(self): pass
        for make in (lambda: kind.__new__(kind), lambda: Derived.__new__(Derived)):
            for name in members(kind):
                if name in ("__init__", "__setstate__"):
                    continue
                empty = make()
                member = inspect.getattr_static(kind, name)
                try:
                    value = getattr(empty, name)
                except TypeError as error:
                    assert "made without its constructor" in str(error), (name, error)
                    continue
                if isinstance(member, staticmethod) or not callable(value):
                    continue
                try:
                    value()
                except TypeError:
                    continue
                raise AssertionError(f"{kind}.{name} took an empty object")
            attempt(lambda: repr(make()) + str(hash(make())) + str(make() == make()))
        attempt(Derived)
    print("alive")
    """
    )
    assert "alive" in out


def test_an_empty_object_is_refused_as_an_argument():
    y = _native.Target.__new__(_native.Target)
    with pytest.raises(TypeError, match="without its constructor"):
        _native.MLPRegressor({}).fit(X, y, None, [], 0, None)
    mlp = _native.MLPRegressor.__new__(_native.MLPRegressor)
    with pytest.raises(TypeError, match="without its constructor"):
        _native.save_model([], "", mlp, [], "/nowhere")


def test_targets_that_fit_nothing_are_refused():
    for codes in ([0, 2], [-1, 0]):
        with pytest.raises(ValueError, match="positions in a list of classes"):
            _native.Target.labels(np.array([0, 1]), codes)
    for y in (np.ones((4, 0)), np.ones((2, 2, 2)), np.array(3.0)):
        for make in (_native.Target.numbers, _native.Target.multilabel):
            with pytest.raises(ValueError, match="numbers or rows of them"):
                make(y)


def test_the_bases_of_the_module_make_no_objects():
    run(
        MEMBERS
        + """
    import copyreg
    for kind in CLASSES:
        for base in kind.__mro__[1:-1]:
            attempt(base)
            attempt(lambda: base.__new__(base))
            attempt(lambda: type(base)("Derived", (base,), {})())
            attempt(lambda: copyreg._reconstructor(kind, base, None))
            attempt(lambda: copyreg._reconstructor(kind, object, None))
    for function in (_native.load_model, _native.Target.numbers):
        record = function.__self__
        attempt(type(record))
        attempt(lambda: type(record).__new__(type(record)))
        attempt(lambda: copyreg._reduce_ex(record, 0))
    """
    )


def test_wrong_arguments_raise():
    """Every function and method, with up to three arguments of every kind."""
    run(
        MEMBERS
        + """
    X = np.random.RandomState(0).rand(8, 2)
    mlp = skarma.MLPClassifier((2,), max_iter=1, random_state=0).fit(X, np.arange(8) % 2)
    target = _native.Target.numbers(X)
    RULE = dict(momentum=.9, nesterovs_momentum=True, beta_1=.9, beta_2=.9, epsilon=1e-8,
                weight_decay=0.)
    wrong = [None, 0, -1, 2**70, 1.5, "x", "\\ud800", b"x", [], [None], {}, {"alpha": object()},
             object(), X, X.T, X[:, 0], X[:0], X.astype("f4"), X.astype(object),
             X.reshape(2, 2, 4), np.float64(1),
             _native.MLPClassifier({}), mlp._model.copy(), target,
             _native.Target.__new__(_native.Target)]
    random = np.random.RandomState(1)
    def arguments():
        yield ()
        yield from ((w,) for w in wrong)
        for n in (2, 3, 4, 5, 6, 7):
            for _ in range(20):
                yield tuple(wrong[i] for i in random.randint(len(wrong), size=n))
    def attempt_all(function):
        for a in arguments():
            attempt(lambda: function(*a))
    for kind in CLASSES:
        attempt_all(kind)
        objects = {"MLPClassifier": [_native.MLPClassifier({}), mlp._model.copy()],
                   "MLPRegressor": [_native.MLPRegressor({})], "Target": [target],
               "RuleSteps": [_native.RuleSteps("adam", 8, **RULE)],
               "LbfgsSteps": [_native.LbfgsSteps(X[:, 0], max_iter=9, gradient_tol=0.0)]}
        for name in members(kind):
            attempt_all(getattr(kind, name))
            for thing in objects.get(kind.__name__, []):
                value = attempt(lambda: getattr(thing, name))
                if callable(value):
                    attempt_all(value)
    for name, function in vars(_native).items():
        if callable(function) and not inspect.isclass(function):
            attempt_all(function)
    """
    )
