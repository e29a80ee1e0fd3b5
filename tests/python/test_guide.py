"""The examples of the pages of docs/ do what they show, and each page has its examples."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {
    str(path.relative_to(DOCS)): path.read_text(encoding="utf-8")
    for path in sorted([*DOCS.glob("*.md"), *(DOCS / "guide").glob("*.md")])
}
WITH_EXAMPLES = [name for name, text in PAGES.items() if ">>> " in text]


@pytest.fixture
def printed(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "site"))
    import printed

    return printed


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_do_what_they_show(printed, name):
    blocks = printed.blocks_of_markdown(PAGES[name])
    assert printed.run_python(blocks, name) == PAGES[name].count("\n>>> ")


def test_every_page_of_the_guide_has_examples():
    without = {name for name in PAGES if name.startswith("guide/")} - set(WITH_EXAMPLES)
    assert without == {"guide/index.md", "guide/limits.md", "guide/typing.md"}


def test_the_terminal(printed, tmp_path):
    program = shutil.which("skarma", path=str(Path(sys.executable).parent)) or shutil.which(
        "skarma"
    )
    if program is None:
        pytest.skip("there is no program skarma: the page of the terminal is NOT tested")
    path = f"{Path(program).parent}:/usr/local/bin:/usr/bin:/bin"
    blocks = printed.blocks_of_markdown(PAGES["five_minutes_terminal.md"])
    assert printed.run_shell(blocks, tmp_path, PATH=path) == 4


def test_what_is_shown_wrongly_is_found(printed, tmp_path):
    with pytest.raises(AssertionError, match="Expected"):
        printed.run_python([("python", ">>> 1 + 1\n3\n")], "page")
    with pytest.raises(AssertionError, match="printed"):
        printed.run_shell([("sh", "echo 2\n"), ("text", "3\n")], tmp_path, PATH="/usr/bin:/bin")
    with pytest.raises(AssertionError):
        printed.run_shell([("sh", "false\n")], tmp_path, PATH="/usr/bin:/bin")


def test_the_readmes_python_runs(printed, tmp_path, monkeypatch):
    """Its blocks in their order, with data and with what is installed."""
    import matplotlib
    import sklearn.datasets

    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    X, y = sklearn.datasets.load_iris(return_X_y=True)
    names = {"X": X[::2], "y": y[::2], "X_val": X[1::2], "y_val": y[1::2]}
    names |= {"X_new": X[:50], "y_new": y[::3]}
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = [block for language, block in printed.blocks_of_markdown(text) if language == "python"]
    assert len(blocks) == 3
    for block in blocks:
        exec(block, names)
    assert (tmp_path / "best.skarma").exists() and (tmp_path / "log.csv").exists()
    assert len(names["model"].history_["loss"]) > 0
    assert 0 <= names["accuracy"] <= 1
