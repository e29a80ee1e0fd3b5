"""Whatever ends Python while other threads are inside skarma, it ends as scikit-learn does."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ENDS_WITHIN = 120  # seconds: a process that does not end is a failure, not a wait
BINDINGS = Path(__file__).parents[2] / "python" / "bindings"

# One process imports everything, and each program runs to its end in a child of it.
SCRIPT = """
import atexit, json, os, signal, sys, threading, time, warnings
import joblib
import numpy as np
from sklearn.ensemble import BaggingClassifier
from skarma import MLPClassifier, MLPRegressor
from skarma.model_selection import GridSearchCV

warnings.simplefilter("ignore")
X = np.random.RandomState(0).randn(300, 20)
y = (X[:, 0] > 0) * 1
started = threading.Event()


def endless(**parameters):
    settings = dict(max_iter=10**6, max_fun=10**6, tol=0, n_iter_no_change=10**6)
    return MLPClassifier((50, 50), **settings | parameters)


def fit(**parameters):
    started.set()
    endless(**parameters).fit(X, y)


def small_fits():
    while True:
        started.set()
        MLPClassifier((3,), max_iter=2).fit(X[:50], y[:50])
        MLPRegressor((3,), max_iter=2, verbose=True).fit(X[:50], X[:50, 0])


def predictions():
    model = MLPClassifier((100, 100), max_iter=1).fit(X, y)
    many = np.tile(X, (50, 1))
    while True:
        started.set()
        model.predict_proba(many)


def search():
    started.set()
    GridSearchCV(endless(), {"alpha": [1, 2]}, cv=2, n_jobs=2).fit(X, y)


def in_daemon(work, **parameters):
    threading.Thread(target=work, kwargs=parameters, daemon=True).start()
    started.wait()
    time.sleep(0.1)


def ctrl_c_soon():
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()


def in_child(work):
    child = os.fork()
    if child == 0:
        work()
        sys.exit(5)
    assert exit_code(child) == 5


def exit_code(child, within=60):
    give_up = time.monotonic() + within
    while time.monotonic() < give_up:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid != 0:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "did not end"


signal.signal(signal.SIGINT, signal.default_int_handler)
codes, program = {}, ""
for name, text in json.loads(sys.argv[1]).items():
    child = os.fork()
    if child == 0:
        program = text
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        break
    codes[name] = exit_code(child)
else:
    print(json.dumps(codes))
exec(program)
"""

#: What scikit-learn's own classes exit with, and the program.
PROGRAMS = {
    "a fit by adam": (0, "in_daemon(fit)"),
    "a fit by lbfgs": (0, "in_daemon(fit, solver='lbfgs')"),
    "a fit with threads": (0, "in_daemon(fit, n_threads=2)"),
    "a fit that prints": (0, "in_daemon(fit, verbose=True)"),
    "small fits in four threads": (0, "for _ in range(4): in_daemon(small_fits)"),
    "predictions": (0, "in_daemon(predictions)"),
    "a search": (0, "in_daemon(search)"),
    "an exit code": (3, "in_daemon(fit); sys.exit(3)"),
    "an exception": (1, "in_daemon(fit); sys.stderr = None; raise ValueError"),
    "a fit at exit": (0, "atexit.register(endless(max_iter=5).fit, X, y); in_daemon(fit)"),
    "Ctrl-C beside a daemon": (-2, "in_daemon(fit); ctrl_c_soon(); time.sleep(60)"),
    "Ctrl-C in joblib": (
        -2,
        "ctrl_c_soon(); joblib.Parallel(2, backend='threading')"
        "(joblib.delayed(fit)(random_state=i) for i in range(2))",
    ),
    "Ctrl-C in a bagging": (
        -2,
        "ctrl_c_soon()\n"
        "with joblib.parallel_config('threading', n_jobs=2):\n"
        "    BaggingClassifier(endless(), n_estimators=2, n_jobs=2).fit(X, y)",
    ),
    "a child that forks while a fit runs": (
        0,
        "in_daemon(fit); in_child(lambda: endless(max_iter=5).fit(X, y))",
    ),
}


def test_python_ends_beside_threads_as_with_scikit_learn():
    programs = {name: program for name, (_, program) in PROGRAMS.items()}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(programs)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=10 * ENDS_WITHIN,
    )
    codes = json.loads(run.stdout)
    assert codes == {name: code for name, (code, _) in PROGRAMS.items()}, run.stderr.decode()


def test_no_guard_of_pybind11_is_used():
    """They end the process where Python ends while a thread is inside; ours do not."""
    for path in BINDINGS.iterdir():
        assert not re.search(r"gil_scoped_|pybind11/functional", path.read_text()), path.name


NO_THREADS = """
import os, resource, threading, warnings
from skarma import MLPClassifier
from skarma.model_selection import GridSearchCV
from sklearn.datasets import load_digits

warnings.simplefilter("ignore")
X, y = load_digits(return_X_y=True)


def figures():
    model = MLPClassifier((60,), max_iter=20, random_state=0)
    search = GridSearchCV(MLPClassifier((3,), max_iter=2, random_state=0), {"alpha": [1, 2]}, cv=2)
    return model.fit(X, y).loss_, search.fit(X, y).cv_results_["mean_test_score"].tolist()


expected = figures()
if os.getuid() == 0:  # whom no limit of processes binds
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
try:
    threading.Thread(target=print).start()
    print("threads can be started")
except RuntimeError:
    assert figures() == expected
    print("equal")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_NPROC counts threads on Linux alone")
def test_fits_without_a_thread_for_them_have_the_same_numbers_threads():
    run = subprocess.run(
        [sys.executable, "-c", NO_THREADS], capture_output=True, text=True, timeout=ENDS_WITHIN
    )
    if "can be started" in run.stdout:
        pytest.skip("this machine does not limit processes")
    assert (run.returncode, run.stdout) == (0, "equal\n"), run.stderr
