"""Runs all experiments and writes docs/experiments.md.

python examples/experiments/page.py [--full]

Some are shortened, unless the option is given: then they are run whole, too, and what they come to
is kept in full_figures.json, from which the page takes it.
"""

import importlib
import inspect
import json
import warnings
from pathlib import Path

from shared_figures import Figure, wants_all

FOLDER = Path(__file__).parent
FULL = FOLDER / "full_figures.json"
PAGE = FOLDER.parents[1] / "docs" / "experiments.md"
HEAD = """\
# Experiments

The experiments of the lectures that skarma was made from, and what they come to here. A script
prints each figure beside what is expected of it, `python examples/experiments/e03_five_units.py`,
and the tests run all scripts. Figures that depend on rounding, as those of a curve that L-BFGS fits
to 75 points, are expected in a range, others to the digits that are shown. What needs MNIST looks
for it where `SKARMA_TEST_DATA` says; long experiments are shortened in the tests, and whole with
the option `--full`: lines that begin with "whole" are from such runs. Each draws a picture if it is
given a name for it, `e30_race.py race.png`, or a window with `--show`; on the built pages the links
of the last column lead to script, figures and picture.
`python examples/experiments/page.py` writes this page.

The history of E67, 100 epochs of MNIST, as `history.plot()` draws it:

![loss and accuracy of training and validation over 100 epochs](history.png)

| row | what | figure | expected | obtained | |
| --- | --- | --- | --- | --- | --- |
"""


def rows():
    """(row, what it is, why it is not there) of rows.tsv."""
    for line in (FOLDER / "rows.tsv").read_text(encoding="utf-8").splitlines():
        row, what, *why = line.split("\t")
        yield row, what, *(why or [""])


def experiments():
    """The modules by the first row that they answer, and which module answers which row."""
    modules, answers = {}, {}
    for path in sorted(FOLDER.glob("e*.py")):
        module = importlib.import_module(path.stem)
        own = getattr(module, "ROWS", (path.stem[:3].upper(),))
        modules[own[0]] = module
        answers |= dict.fromkeys(own, path.name)
    return modules, answers


def run_whole(modules):
    """Keep the figures of all experiments that are shortened otherwise."""
    figures = {
        row: [
            vars(figure) | {"obtained": float(figure.obtained)} for figure in module.run(full=True)
        ]
        for row, module in modules.items()
        if "full" in inspect.signature(module.run).parameters
    }
    FULL.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def figures_of(row, module):
    """Those of the experiment as the tests run it, and of the whole one, if there is another."""
    yield from module.run()
    for figure in json.loads(FULL.read_text(encoding="utf-8")).get(row, []):
        yield Figure(**figure | {"name": f"whole: {figure['name']}"})


def table_rows(row, what, why, modules, answers):
    """The lines of one row of the table, a line for each figure."""
    if row not in answers:
        return [(row, what, "", "", "", why)]
    link = f"[{answers[row]}](../examples/experiments/{answers[row]})"
    if row not in modules:
        return [(row, what, "", "", "", link)]
    lines = []
    for figure in figures_of(row, modules[row]):
        verdict = "" if figure.holds else " **not as expected**"
        cells = ("", "", "") if lines else (row, what, link)
        obtained = f"{figure.obtained:.6g}"
        lines.append((*cells[:2], figure.name, figure.expected, obtained, cells[2] + verdict))
    return lines


def draw_history():
    """The picture of E67, of the history that the whole run has kept."""
    figure = importlib.import_module("e64_mnist_by_epochs").picture()[0].figure
    figure.savefig(PAGE.with_name("history.png"), dpi=110)


def page():
    """The text of the page, which takes every experiment's figures."""
    known = experiments()
    if wants_all():
        run_whole(known[0])
    lines = [line for row in rows() for line in table_rows(*row, *known)]
    return HEAD + "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        PAGE.write_text(page(), encoding="utf-8")
        draw_history()
