"""What is measured: one `Case` a row of the table and a float type, with its target."""

from dataclasses import dataclass, field, replace
from fnmatch import fnmatch

ALL = ("skarma", "sklearn", "torch", "torch.compile", "jax")
EAGER = ("skarma", "sklearn", "torch", "jax")
SCIKIT = ("skarma", "sklearn")
NOT_QUICK = (
    "torch.compile, torch in searches, memory, searches in float32 or a fresh process, that of "
    "digits with n_jobs=2, nine of ten epochs of searches, half or more of 30-100-1 and of "
    "lbfgs, 20000 x 30, and four of five rows of predict_proba"
)
LEFT_OUT = (
    "memory-*",
    "search-*-float32",
    "search-*-fresh-process-*",
    "search-digits-*-n_jobs-2-*",
)
SHORTENED = {  # names of cases, what of their problems, and by which factor
    "search-*": ("epochs", 10),
    "30-100-1-*": ("epochs", 2),
    "lbfgs-20000-*": ("epochs", 2),
    "predict_proba-*": ("n_samples", 5),
}


@dataclass(frozen=True)
class Target:
    """What skarma must reach.

    `against` says what is compared: "best" or a peer's name for a ratio of times that is at least
    `value`; "sklearn+" for a figure at most `value` above scikit-learn's.
    """

    value: float
    against: str = "best"


@dataclass(frozen=True)
class Case:
    """One measurement.

    `work` names the function of a peer's module that does it, `problem` what it is done with (see
    `problems.Problem`). `measure` is what is taken: "cpu", seconds of CPU after a warm-up; "first",
    the same in a fresh process without one; "wall", seconds on two CPUs; "import", seconds of CPU;
    "memory", MiB. `calls` of the work are one timed section. `quoted` are multiples of
    scikit-learn's speed by peers that are not run here.
    """

    row: str
    work: str
    dtype: str
    problem: dict
    target: Target
    measure: str = "cpu"
    peers: tuple = ALL
    calls: int = 1
    tolerance: float = 1e-3
    quoted: dict = field(default_factory=dict)

    @property
    def name(self):
        words = self.row.replace(",", "").replace("=", "-").split()
        return "-".join([*words, self.dtype]).rstrip("-")


def both_types(row, work, problem, targets, quoted=(None, None), **options):
    """A case in float64 and in float32, where rounding may move the final loss further."""
    for dtype, target, mlpack in zip(("float64", "float32"), targets, quoted, strict=True):
        if not isinstance(target, Target):
            target = Target(target)
        others = {"mlpack 4.8": mlpack} if mlpack else {}
        yield Case(row, work, dtype, problem, target, quoted=others, **options)


def adam(units, output, batch, n_samples, epochs, activation="relu"):
    """The problem of a training case; every batch is full."""
    assert n_samples % batch == 0
    return {
        "data": "made_up",
        "n_samples": n_samples,
        "units": units,
        "output": output,
        "batch": batch,
        "epochs": epochs,
        "activation": activation,
    }


def training_cases():
    """Fits by adam, and by L-BFGS."""
    narrow = (30, 100, 1)
    fits = [
        ("784-100-10, batch 200", adam((784, 100, 10), "softmax", 200, 4000, 4), (1.2, 1.25)),
        ("30-100-1, batch 200", adam(narrow, "logistic", 200, 10000, 10), (2.1, 2.1)),
        ("30-100-1, batch 32", adam(narrow, "logistic", 32, 9600, 5), (2.2, 2.6)),
        (
            "100-256-256-1, batch 200",
            adam((100, 256, 256, 1), "identity", 200, 4000, 4),
            (1.15,) * 2,
        ),
        (
            "784-512-512-10, batch 128",
            adam((784, 512, 512, 10), "softmax", 128, 2560, 1),
            (1.15, 1.12),
        ),
        ("30-100-1 tanh, batch 200", adam(narrow, "logistic", 200, 10000, 10, "tanh"), (1.7, 2.3)),
        (
            "30-100-1 logistic, batch 200",
            adam(narrow, "logistic", 200, 10000, 10, "logistic"),
            (1.7, 2.0),
        ),
    ]
    quoted = {"30-100-1, batch 200": (2.5, 3.9), "30-100-1, batch 32": (None, 8.8)}
    for row, problem, targets in fits:
        yield from both_types(row, "adam", problem, targets, quoted.get(row, (None, None)))
    big = adam(narrow, "logistic", 200, 20000, 20)
    cancer = {"data": "breast_cancer", "units": narrow, "output": "logistic", "epochs": 15}
    yield from both_types(
        "lbfgs, 20000 x 30, 20 iterations", "lbfgs", big, (2.0, 1.4), tolerance=0.02
    )
    yield from both_types(
        "lbfgs, breast cancer, 15 iterations", "lbfgs", cancer, (1.6, 2.0), tolerance=0.02, calls=5
    )


def prediction_cases():
    """Prediction, and what comes before it: the import."""
    rows = adam((30, 100, 1), "logistic", 200, 1_000_000, 0)
    yield from both_types("predict_proba, 1e6 x 30", "predict_proba", rows, (1.7, 1.5))
    one = {**rows, "n_samples": 1000}
    yield Case("predict, one row", "predict_one", "float64", one, Target(3.0), calls=2000)
    yield Case("import", "", "", {}, Target(0.1, "sklearn+"), "import", EAGER)


def search_cases():
    """Grid searches, 24 candidates x 5 folds, and many tiny fits."""
    cancer = {"data": "breast_cancer", "units": (30, 100, 1), "output": "logistic", "epochs": 50}
    digits = {"data": "digits", "units": (64, 100, 10), "output": "softmax", "epochs": 20}
    named = {
        "search, breast cancer 24 x 5, 50 epochs": (cancer, (1.8, 1.5), (5.0, 6.0)),
        "search, digits 24 x 5, 20 epochs": (digits, (1.8, 1.7), (4.5, 7.0)),
    }
    same = {"tolerance": 0.01}
    for row, (problem, one_thread, two_jobs) in named.items():
        problem = {**problem, "batch": 200, "grid": "24"}
        yield from both_types(row, "search", problem, one_thread, peers=EAGER, **same)
        fresh = (Target(5.0, "jax"),) * 2
        options = {"measure": "first", "peers": EAGER, **same}
        yield from both_types(f"{row}, fresh process", "search", problem, fresh, **options)
        jobs = [Target(value, "sklearn") for value in two_jobs]
        options = {"measure": "wall", "peers": SCIKIT, **same}
        yield from both_types(
            f"{row}, n_jobs=2", "search", {**problem, "n_jobs": 2}, jobs, **options
        )
    iris = {"data": "iris", "units": (4, 100, 3), "output": "softmax", "batch": 150, "epochs": 1}
    tiny = {**iris, "grid": "50"}
    row = "250 fits of 150 rows"
    yield Case(f"{row}, one search", "search", "float64", tiny, Target(4.0), peers=EAGER, **same)
    yield Case(f"{row}, through fit", "adam", "float64", iris, Target(2.0), calls=250)


def memory_cases():
    """Peak memory of a fit beyond the data."""
    problem = adam((784, 100, 10), "softmax", 200, 60000, 1)
    target = Target(8.0, "sklearn+")
    yield Case("memory of a 60000 x 784 fit", "adam", "float32", problem, target, "memory", EAGER)


def all_cases():
    """Every case, in the order of the table."""
    return [*training_cases(), *prediction_cases(), *search_cases(), *memory_cases()]


def quick(cases):
    """The cases without what `NOT_QUICK` says."""
    for case in cases:
        if any(fnmatch(case.name, pattern) for pattern in LEFT_OUT):
            continue
        problem = dict(case.problem)
        for pattern, (part, factor) in SHORTENED.items():
            if fnmatch(case.name, pattern):
                problem[part] //= factor
        peers = tuple(peer for peer in case.peers if (peer, case.work) != ("torch", "search"))
        yield replace(case, problem=problem, peers=peers)


def chosen(patterns):
    """The cases whose names match one of the patterns; ValueError for a pattern without any."""
    cases = all_cases()
    for pattern in patterns:
        if not any(fnmatch(case.name, pattern) for case in cases):
            raise ValueError(f"no case is named {pattern}; --list prints the names")
    return [case for case in cases if any(fnmatch(case.name, pattern) for pattern in patterns)]
