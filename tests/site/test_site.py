"""The built pages: nothing comes from elsewhere, links lead somewhere, and a newcomer's walk works.

tools/docs runs it, with SKARMA_SITE, the pages, and SKARMA_HOME, a home with skarma in .local.
"""

import os
import re
from collections import deque
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag
from xml.etree import ElementTree

import pytest
from printed import blocks_of_html, run_programs, run_python, run_shell

SITE = Path(os.environ["SKARMA_SITE"]).resolve()
HOME = Path(os.environ["SKARMA_HOME"]).resolve()
#: What lies in _static is no page.
PAGES = sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)


class Page(HTMLParser):
    """The links, anchors and resources of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors, self.resources = [], set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.anchors |= {named[key] for key in ("id", "name") if named.get(key)}
        if tag == "a" and named.get("href"):
            self.links.append(named["href"])
        for key in ("src", "data-src", "srcset", "poster"):
            if named.get(key):
                self.resources.append(named[key])
        if tag == "link" and named.get("rel") not in ("canonical",):
            self.resources.append(named.get("href") or "")


@pytest.fixture(scope="module")
def pages():
    return {path: Page(path) for path in PAGES}


def target_of(page, link):
    """(file, anchor) that a link within the site leads to."""
    link, anchor = urldefrag(link)
    file = Path(os.path.normpath(page.parent / unquote(link))) if link else page
    return file, anchor


def is_foreign(link):
    return bool(re.match(r"(?:[a-z]+:)?//|mailto:", link))


def test_there_are_pages():
    assert len(PAGES) > 50


def test_nothing_comes_from_elsewhere(pages):
    """Scripts, styles, fonts and pictures are all in the site."""
    wrong = []
    for path, page in pages.items():
        for resource in page.resources:
            there = not is_foreign(resource) and target_of(path, resource.partition("?")[0])[0]
            if not resource.startswith("data:") and not (there and there.exists()):
                wrong.append((path.name, resource))
        text = path.read_text(encoding="utf-8")
        for script in re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL):
            wrong += re.findall(r"""(?:import|fetch)\s*\(?\s*["']https?:[^"']*""", script)
    for style in SITE.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        wrong += re.findall(r"""(?:url\(|@import)\s*["']?(?:https?:)?//[^)"']*""", text)
    assert not wrong


def test_every_link_leads_somewhere(pages):
    wrong = set()
    for path, page in pages.items():
        for link in page.links:
            if is_foreign(link):
                continue
            file, anchor = target_of(path, link)
            missing = not file.is_file()
            if not missing and anchor and file in pages:
                missing = unquote(anchor) not in pages[file].anchors and anchor != "top"
            if missing:
                wrong.add((str(path.relative_to(SITE)), link))
    assert not wrong


@pytest.fixture(scope="module")
def clicks(pages):
    """How many links lead from the front page to each page that is reached."""
    start = SITE / "index.html"
    found, todo = {start: 0}, deque([start])
    while todo:
        path = todo.popleft()
        targets = {target_of(path, link)[0] for link in pages[path].links if not is_foreign(link)}
        for file in targets:
            if file in pages and file not in found:
                found[file] = found[path] + 1
                todo.append(file)
    return found


WALK = {
    "install": "install.html",
    "a first fit": "five_minutes_python.html",
    "a first search": "guide/searches.html",
    "move from scikit-learn": "guide/moving.html",
    "a C++ program": "five_minutes_cpp.html",
    "a CSV at the terminal": "five_minutes_terminal.html",
}


@pytest.mark.parametrize("goal", WALK.values(), ids=WALK)
def test_is_two_clicks_away(clicks, goal):
    assert clicks[SITE / goal] <= 2


def test_every_page_is_reached(clicks):
    aside = {"genindex.html", "py-modindex.html", "search.html"}
    unreached = [
        path.relative_to(SITE) for path in PAGES if path.name not in aside and path not in clicks
    ]
    assert not unreached


@cache
def blocks(page):
    return blocks_of_html((SITE / page).read_text(encoding="utf-8"))


def environment():
    return {"HOME": str(HOME), "PATH": f"{HOME / '.local' / 'bin'}:{os.environ['PATH']}"}


def test_install_says_what_the_readme_says():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    commands = [text for language, text in blocks("install.html") if language == "sh"]
    assert len(commands) >= 2
    for command in commands:  # tests/install runs the README's
        assert f"```sh\n{command.rstrip()}\n```" in readme


@pytest.mark.parametrize("goal", ["a first fit", "a first search", "move from scikit-learn"])
def test_works_as_printed(goal):
    assert run_python(blocks(WALK[goal]), goal) >= 10


def test_programs_work_as_printed(tmp_path):
    assert run_programs(blocks(WALK["a C++ program"]), tmp_path, **environment()) == 3


def test_the_reference_by_example_works_as_printed(tmp_path):
    assert run_programs(blocks("reference/cpp_examples.html"), tmp_path, **environment()) == 11


def test_the_terminal_works_as_printed(tmp_path):
    assert run_shell(blocks(WALK["a CSV at the terminal"]), tmp_path, **environment()) == 4


def names_of(module):
    names = __import__(module, fromlist=["_"])
    return [f"{module}.{name}" for name in names.__all__ if callable(getattr(names, name))]


MODULES = (
    "skarma",
    "skarma.autodiff",
    "skarma.callbacks",
    "skarma.demos",
    "skarma.model_selection",
    "skarma.nn",
)
OF_A_FIT = ["skarma._history.History", "skarma._summary.Summary", "skarma._summary.Layer"]


@pytest.mark.parametrize("name", sum(map(names_of, MODULES), OF_A_FIT))
def test_a_public_name_has_a_page_with_an_example(name):
    page = SITE / "reference" / "generated" / f"{name}.html"
    assert page.exists()
    assert "&gt;&gt;&gt; " in page.read_text(encoding="utf-8")


def test_every_command_has_its_flags(pages):
    text = (SITE / "reference" / "cli.html").read_text(encoding="utf-8")
    for command in ("grid-search", "fit", "predict", "score", "datasets", "journal", "info"):
        assert f"skarma {command}" in text
    assert "--hidden-layer-sizes" in text and "--learning-rate-init" in text


#: Headers whose names a program needs beside those of skarma.hpp's own.
TAKEN_BY_OTHERS = (
    "core/base/fit_callback.hpp",
    "core/base/fit_control.hpp",
    "datasets/dataset.hpp",
    "datasets/number_array.hpp",
    "estimators/estimator.hpp",
    "estimators/metrics/scorer.hpp",
    "estimators/nn/layers.hpp",
    "estimators/target.hpp",
    "model_selection/parameter_grid.hpp",
    "model_selection/splitter.hpp",
)


def public_names():
    """Whether a name is described, by the name, of the types and functions of those headers."""
    root = Path(__file__).parents[2]
    included = re.findall(r"<skarma/(\S+)>", (root / "skarma.hpp").read_text())
    headers, found = {*included, *TAKEN_BY_OTHERS}, {}

    def take(thing, name, kind):
        texts = (thing.find("briefdescription"), thing.find("detaileddescription"))
        if thing.find("location").get("file") in headers and "<" not in name:
            described = any("".join(text.itertext()).strip() for text in texts)
            found[f"{name} ({kind})"] = described or found.get(f"{name} ({kind})", False)

    for path in DOXYGEN.glob("*.xml"):
        for thing in ElementTree.parse(path).iter("compounddef"):
            name, kind = thing.findtext("compoundname"), thing.get("kind")
            if kind in ("class", "struct") and thing.get("prot") == "public":
                take(thing, name, kind)
            elif kind == "namespace":
                for member in thing.iter("memberdef"):
                    take(member, f"{name}::{member.findtext('name')}", member.get("kind"))
    return found


DOXYGEN = Path(__file__).parents[2] / "build" / "docs" / "doxygen"
PUBLIC_NAMES = public_names()


def test_there_are_public_names():
    assert len(PUBLIC_NAMES) > 120
    assert {"skarma::GridSearchCV (class)", "skarma::nn::Dense (struct)"} <= set(PUBLIC_NAMES)


@pytest.mark.parametrize("name", sorted(PUBLIC_NAMES))
def test_a_public_name_of_cpp_is_described_and_shown_by_a_program(name):
    assert PUBLIC_NAMES[name], "no description in the header"
    pages = ("reference/cpp_examples.html", WALK["a C++ program"])
    programs = [text for page in pages for language, text in blocks(page) if language == "cpp"]
    last = name.partition(" ")[0].rpartition("::")[2]
    assert re.search(rf"\b{last}\b", "".join(programs)), "no program shows it"


def test_every_public_header_of_skarma_is_there():
    root = Path(__file__).parents[2]
    text = "".join(p.read_text() for p in (SITE / "reference" / "cpp").glob("*.html"))
    headers = re.findall(r"<(skarma/\S+)>", (root / "skarma.hpp").read_text())
    assert len(headers) > 30
    for header in headers:
        assert f"&lt;{header}&gt;" in text, header
    for header in re.findall(r"&lt;(skarma/\S+?)&gt;", text):
        assert (HOME / ".local" / "include" / header).exists(), header
    for name in ("MLPClassifier", "GridSearchCV", "make_pipeline", "save_model", "load_dataset"):
        assert re.search(rf'id="_CPPv4[^"]*{name}', text), name


EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAMS = [
    program.relative_to(EXAMPLES)
    for program in sorted(EXAMPLES.rglob("*.py"))
    if not program.stem.startswith(("page", "shared_"))
]


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_program_has_a_page_with_its_picture_and_figures(program):
    page = SITE / "gallery" / program.with_suffix(".html")
    text = page.read_text(encoding="utf-8")
    if program.parent.name:
        pictures = re.findall(r'src="[./]*(_images/sphx_glr_[^"]+_\d+\.png)"', text)
        assert pictures
        assert all((SITE / picture).stat().st_size > 3_000 for picture in pictures)
    if program.parent.name != "pictures":
        assert "sphx-glr-script-out" in text or program.stem == "plot_convolve_sequence"
    assert "NOT AS EXPECTED" not in text
    index = (SITE / "gallery" / "index.html").read_text(encoding="utf-8")
    assert f'href="{program.with_suffix(".html")}' in index


def test_there_are_programs():
    assert len(PROGRAMS) > 80


def test_experiments_lead_to_the_gallery(pages):
    links = {target_of(SITE / "experiments.html", link)[0].stem for link in
             pages[SITE / "experiments.html"].links if not is_foreign(link)}  # fmt: skip
    assert links >= {path.stem for path in PROGRAMS if path.parent.name == "experiments"}
