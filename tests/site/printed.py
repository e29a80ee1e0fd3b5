"""Runs what a page prints: its examples do what they show, in the order of the page."""

import doctest
import os
import re
import subprocess
import warnings
from html.parser import HTMLParser
from pathlib import Path


def blocks_of_markdown(text):
    """(language, text) of each fenced block."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(language, block) for language, block in found]


class _Blocks(HTMLParser):
    """(language, text) of each block of code of a built page."""

    def __init__(self):
        super().__init__()
        self.found, self._language, self._inside = [], None, False

    def handle_starttag(self, tag, attributes):
        classes = dict(attributes).get("class") or ""
        if match := re.search(r"highlight-(\w+) notranslate", classes):
            self._language = match[1]
        if tag == "pre" and self._language:
            self._inside = True
            self.found.append((self._language, ""))

    def handle_endtag(self, tag):
        if tag == "pre" and self._inside:
            self._inside, self._language = False, None

    def handle_data(self, data):
        if self._inside:
            language, text = self.found[-1]
            self.found[-1] = language, text + data


def blocks_of_html(text):
    parser = _Blocks()
    parser.feed(text)
    return parser.found


def run_python(blocks, name):
    """How many examples there are, once all have printed what they show."""
    text = "\n".join(block for language, block in blocks if language == "python")
    test = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    report = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    assert outcome.failed == 0, "".join(report)
    return outcome.attempted


def assert_prints(printed, shown):
    """`...` in what is shown stands for anything."""
    checker = doctest.OutputChecker()
    assert checker.check_output(shown, printed, doctest.ELLIPSIS), f"{shown}\nprinted:\n{printed}"


def shell(command, folder, **environment):
    """What commands print to standard output."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def run_shell(blocks, folder, **environment):
    """How many outputs were as shown, in the block behind their commands."""
    n_shown, printed = 0, ""
    for language, block in blocks:
        if language == "sh":
            printed = shell(block, folder, **environment)
        elif language == "text":
            assert_prints(printed, block)
            n_shown += 1
    return n_shown


def run_programs(blocks, folder, **environment):
    """How many programs there are, once each has printed what is shown behind it.

    The page's own commands, a block of sh, compile and run `example.cpp`.
    """
    [commands] = [block for language, block in blocks if language == "sh"]
    programs = [(language, block) for language, block in blocks if language in ("cpp", "text")]
    for (_, program), (_, shown) in zip(programs[::2], programs[1::2], strict=True):
        (Path(folder) / "example.cpp").write_text(program)
        assert_prints(shell(commands, folder, **environment), shown)
    return len(programs) // 2
