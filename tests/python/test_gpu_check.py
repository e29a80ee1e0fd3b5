"""tools/gpu-check goes on after a failure and says so; no GPU and no bundle is needed here."""

import os
import sys
import tarfile
import time
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "gpu-check"


@pytest.fixture(scope="module")
def check():
    module = ModuleType("gpu_check")
    module.__file__ = str(SCRIPT)
    sys.modules["gpu_check"] = module  # where its dataclasses are looked up
    SourceFileLoader("gpu_check", str(SCRIPT)).exec_module(module)
    return module


def step_of(check, command, name="a step", **settings):
    return check.Step(name, **{"seconds": 60, "command": command} | settings)


def shell(text):
    return ["sh", "-c", text]


@pytest.mark.parametrize(
    ("command", "result", "failed"),
    [
        (shell("exit 0"), "passed", False),
        (shell("exit 3"), "FAILED: exit status 3", True),
        (["/no/such"], "FAILED: [Errno 2] No such file or directory: '/no/such'", True),
    ],
    ids=["passed", "failed", "not there"],
)
def test_a_step_has_passed_or_failed(check, command, result, failed):
    outcome = check.taken(step_of(check, command), os.environ)
    assert (outcome.result, outcome.failed) == (result, failed)


def ends(process):
    """Whether a process that was killed is gone, or soon."""
    for _ in range(1000):
        try:
            if "\nState:\tZ" in Path(f"/proc/{process}/status").read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def test_a_step_that_takes_too_long_ends_with_its_children(check):
    command = shell("sleep 1000 & echo $!; wait")
    outcome = check.taken(step_of(check, command, seconds=0.5), os.environ)
    assert outcome.result == "FAILED: not done after 0.5 s"
    assert ends(int(outcome.output))


def test_what_needs_a_program_that_is_not_there_is_left_out(check):
    outcome = check.taken(step_of(check, shell("exit 1"), needs="no-such-program"), os.environ)
    assert outcome.result == "left out: there is no no-such-program"
    assert not outcome.failed


def test_a_failure_shows_more_of_its_output(check):
    print_many = "seq 100; exit "
    passed, failed = (
        check.section(check.taken(step_of(check, shell(f"{print_many}{status}")), os.environ))
        for status in (0, 1)
    )
    assert passed.splitlines()[2:] == ["```", "98", "99", "100", "```"]
    assert len(failed.splitlines()) == 2 + 2 + check.OUTPUT_LINES


@pytest.fixture
def archive(tmp_path):
    """A bundle with one file."""
    (tmp_path / "skarma-gpu").mkdir()
    (tmp_path / "skarma-gpu" / "file").write_text("found\n")
    path = tmp_path / "bundle.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        packed.add(tmp_path / "skarma-gpu", "skarma-gpu")
    return path


def test_the_next_step_is_taken_whatever_became_of_one(
    check, archive, tmp_path, monkeypatch, capsys
):
    def steps(bundle, site):
        yield step_of(check, shell("exit 1"), "install")
        yield step_of(check, ["cat", str(bundle / "file")], "second")

    monkeypatch.setattr(check, "steps", steps)
    report = tmp_path / "report.md"
    assert check.main([str(archive), "--report", str(report)]) == 1
    text = report.read_text()
    assert text == capsys.readouterr().out
    assert "## second: passed\n\n```\nfound\n```\n" in text
    assert "| install | FAILED: exit status 1 |" in text
    assert text.endswith("\n1 of 2 steps failed.\n")


def test_all_is_well_where_no_step_fails(check, archive, monkeypatch):
    monkeypatch.setattr(check, "steps", lambda *_: [step_of(check, shell("exit 0"), "install")])
    assert check.main([str(archive)]) == 0


def test_all_steps_take_less_than_eight_minutes(check):
    assert sum(step.seconds for step in check.steps(Path("bundle"), Path("site"))) < 480


def test_a_gpu_is_required(check):
    assert check.environment(Path("bundle"), Path("site"))["SKARMA_REQUIRE_GPU"] == "1"


def test_cublas_is_found_beside_the_packages(check, tmp_path, monkeypatch):
    folder = tmp_path / "nvidia" / "cu13" / "lib"
    folder.mkdir(parents=True)
    (folder / "libcublasLt.so.13").touch()
    monkeypatch.syspath_prepend(tmp_path)
    path = check.environment(Path("bundle"), Path("site"))["LD_LIBRARY_PATH"]
    assert path.split(os.pathsep)[0] == str(folder)


def test_an_unknown_step_is_told(check, capsys):
    with pytest.raises(SystemExit) as stop:
        check.main(["--only", "memchek"])
    assert stop.value.code == 2
    assert "memcheck" in capsys.readouterr().err
