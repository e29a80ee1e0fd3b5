"""scikit-learn's private methods of a network, as methods of ours.

Programs call some of them (`_forward_pass` for the values of hidden layers), and subclasses
override others (`_init_coef`, `_backprop`). The native library calls none of them: `overridden`
says what a subclass has changed, and such a network is trained by scikit-learn's own code, which
finds here what it needs.
"""

from importlib import import_module

#: Which class of scikit-learn's has which method that ours has, too, under the same name.
OF_BOTH = (
    "_backprop",
    "_compute_loss_grad",
    "_fit",
    "_fit_lbfgs",
    "_fit_stochastic",
    "_forward_pass",
    "_forward_pass_fast",
    "_init_coef",
    "_initialize",
    "_loss_grad_lbfgs",
    "_score_with_function",
    "_unpack",
    "_update_no_improvement_count",
)
OF_EACH = ("_predict", "_validate_input")
#: These are our own, because scikit-learn's look for their own class; they may be overridden, too.
OWN = ("_score",)
IN_TRAINING = (*OF_BOTH, *OF_EACH, *OWN)
OF_OUTPUTS = ("_forward_pass_fast",)
IN_PREDICTION = (*OF_OUTPUTS, "_predict")


class Borrowed:
    """A method of one of scikit-learn's classes, looked up when it is first asked for."""

    def __init__(self, owner):
        self.owner = owner

    def __set_name__(self, cls, name):
        self.name = name

    def __get__(self, instance, cls):
        return self if instance is None else self._function().__get__(instance)

    def __call__(self, instance, *args, **kwargs):
        """As a function of the class, the way a subclass without `super()` calls it."""
        return self._function()(instance, *args, **kwargs)

    def _function(self):
        module = import_module("sklearn.neural_network._multilayer_perceptron")
        return vars(getattr(module, self.owner))[self.name]


def borrowing(owner, names):
    """A class decorator that gives a class these methods of scikit-learn's class `owner`."""

    def borrow(cls):
        for name in names:
            method = Borrowed(owner)
            method.__set_name__(cls, name)
            setattr(cls, name, method)
        return cls

    return borrow


def overridden(estimator, names):
    """Which of these methods are not what they were: of the object or of its class."""
    cls, own = type(estimator), estimator.__dict__
    for name in names:
        if name in own or not _is_original(getattr(cls, name)):
            return [n for n in names if n in own or not _is_original(getattr(cls, n))]
    return []


def original(method):
    """Mark a method of ours that takes the place of a borrowed one."""
    method.is_original = True
    return method


def _is_original(method):
    return type(method) is Borrowed or getattr(method, "is_original", False)
