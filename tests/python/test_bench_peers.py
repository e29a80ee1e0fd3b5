"""The table of bench/peers says what was measured; nothing is timed, no peer is imported."""

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

PEERS = Path(__file__).parents[2] / "bench" / "peers"


@pytest.fixture
def bench(monkeypatch):
    """The modules of bench/peers that need no peer."""
    monkeypatch.syspath_prepend(PEERS)
    import cases
    import report
    import stand_in
    import table
    import turns

    return SimpleNamespace(cases=cases, report=report, stand_in=stand_in, table=table, turns=turns)


def row_of(bench, figures, results=None, **changes):
    case = bench.cases.Case("a fit", "adam", "float64", {}, bench.cases.Target(2.0))
    results = results or dict.fromkeys(figures, [0.5])
    return bench.turns.Row(replace(case, **changes), figures, {}, results)


def test_the_target_is_a_ratio_to_the_fastest_peer(bench):
    row = row_of(bench, {"skarma": 0.1, "sklearn": 1.0, "torch": 0.5, "jax": 0.25})
    assert bench.table.best_peer(row) == ("jax", 4.0)
    assert bench.table.reached(row) == pytest.approx(2.5)
    assert bench.table.verdict(row) == "yes"
    line = "| a fit | float64 | 1.00 s | 2.00 |  | 4.00 | 10.00 | jax 4.00 | 2.50 | 2 | yes |  |"
    assert bench.table.line(row) == line


def test_a_peer_that_did_other_work_does_not_count(bench):
    figures = {"skarma": 0.1, "sklearn": 1.0, "torch": 0.5, "jax": 0.01}
    results = {"skarma": [0.5], "sklearn": [0.5], "torch": [0.50001], "jax": [0.7]}
    row = row_of(bench, figures, results)
    assert bench.table.best_peer(row) == ("torch", 2.0)
    assert bench.table.cell(row, "jax") == "(100.00)"


def test_skarma_with_other_numbers_never_meets_a_target(bench):
    results = {"skarma": [0.6], "sklearn": [0.5]}
    row = row_of(bench, {"skarma": 0.001, "sklearn": 1.0}, results)
    assert bench.table.verdict(row) == "no, numbers differ by 2e-01"


def test_a_faster_peer_is_named(bench):
    row = row_of(bench, {"skarma": 0.5, "sklearn": 1.0, "jax": 0.25})
    assert bench.table.verdict(row) == "no, jax is faster"


def test_a_quoted_peer_can_be_the_best(bench):
    row = row_of(bench, {"skarma": 0.2, "sklearn": 1.0}, quoted={"mlpack": 4.0})
    assert bench.table.reached(row) == pytest.approx(1.25)
    assert bench.table.verdict(row) == "no"


def test_memory_is_compared_with_scikit_learn_by_difference(bench):
    target = bench.cases.Target(8.0, "sklearn+")
    row = row_of(bench, {"skarma": 15.0, "sklearn": 8.5}, target=target, measure="memory")
    assert bench.table.verdict(row) == "yes"
    assert "+ 6.5 MiB | at most + 8.0 MiB" in bench.table.line(row)


def test_names_of_cases_are_patterns(bench):
    names = [case.name for case in bench.cases.all_cases()]
    assert len(set(names)) == len(names)
    [case] = bench.cases.chosen(["784-100-10*float32"])
    assert case.problem["units"] == (784, 100, 10)
    with pytest.raises(ValueError, match="no case is named mnist"):
        bench.cases.chosen(["mnist"])


def test_the_report_goes_between_the_markers(bench):
    report = bench.report
    document = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    expected = f"before\n{report.BEGIN}\nnew\n{report.END}\nafter\n"
    assert report.written_into(document, "new") == expected
    with pytest.raises(ValueError, match="no lines"):
        report.written_into("before\nafter\n", "new")


def test_performance_md_has_the_markers(bench):
    document = PEERS.parents[1] / "docs" / "performance.md"
    bench.report.written_into(document.read_text(), "")


def test_missing_symbols_get_the_versions_that_torch_wants(bench):
    printed = """
    1: 0 0 FUNC    GLOBAL DEFAULT  UND cudaMalloc@libcudart.so.13 (5)
    2: 0 0 OBJECT  GLOBAL DEFAULT  UND nvshmem_transport@NVSHMEM (6)
    3: 0 0 FUNC    GLOBAL DEFAULT  UND malloc@GLIBC_2.2.5 (2)
    """
    missing = bench.stand_in.MISSING.findall(printed)
    script = bench.stand_in.version_script(missing)
    assert script == "libcudart.so.13 { cudaMalloc; };\nNVSHMEM { nvshmem_transport; };\n"


@pytest.mark.parametrize(
    "failures, built", [([""], False), (["libcufile.so.0 is missing", ""], True)]
)
def test_the_stand_in_is_built_where_torch_cannot_be_imported(
    bench, monkeypatch, tmp_path, failures, built
):
    answers, built_in = iter(failures), []
    monkeypatch.setattr(bench.stand_in, "failure_of_torch", lambda: next(answers))
    monkeypatch.setattr(bench.stand_in, "build", built_in.append)
    monkeypatch.setenv("LD_LIBRARY_PATH", "before")
    bench.stand_in.use(tmp_path)
    assert built_in == ([tmp_path] if built else [])
    assert os.environ["LD_LIBRARY_PATH"] == (f"{tmp_path}{os.pathsep}before" if built else "before")


def test_torch_says_itself_why_it_cannot_be_imported(bench, monkeypatch, tmp_path):
    monkeypatch.setattr(bench.stand_in, "failure_of_torch", lambda: "no libgomp")
    monkeypatch.setattr(bench.stand_in, "build", lambda folder: None)
    with pytest.raises(RuntimeError, match="no libgomp"):
        bench.stand_in.use(tmp_path)


def test_the_versions_that_were_measured_are_pinned():
    lines = (PEERS / "requirements.txt").read_text().splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]
    assert "torch==2.15.0" in packages
    assert all("==" in package for package in packages)
