"""Reads the tree without building it: layout, ruff, shellcheck, and clang-tidy on what has changed.

    python3 tools/ci/lint.py [--junit REPORT] [CHECK...]      without names: all

Run it with a Python that has tools/lint-requirements.txt. A check whose tool is missing is skipped,
with its reason. clang-tidy reads the .cpp files of library, program and extension that differ from
$SKARMA_LINT_BASE, by default where this branch left origin/main, or the commit before. It complains
of changed lines alone, there and in headers, and says for how many files there was no time.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = re.compile(
    r"(core|gpu|datasets|estimators|model_selection|cli|python/bindings)/.*\.[ch]pp"
)
MAX_FILES = 24
MAX_SECONDS = 240


class Skip(Exception):
    """Why a check was not made."""


def run(*command, **options):
    """(exit status, output) of a command at the root."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )
    return done.returncode, done.stdout


def git(*arguments):
    if not shutil.which("git"):
        raise Skip("git is not installed")
    return run("git", *arguments)


def tracked(*patterns):
    """The files that git knows and that are there."""
    status, names = git("ls-files", "--", *patterns)
    if status:
        raise Skip(f"git does not list the files: {names.strip()}")
    return [name for name in names.splitlines() if (ROOT / name).is_file()]


def tool(name):
    if not shutil.which(name):
        raise Skip(f"{name} is not installed")
    return name


def tool_of_version(name, version):
    """The first of `name-version` and `name` that says it is that version."""
    for candidate in (f"{name}-{version}", name):
        if shutil.which(candidate) and f"version {version}" in run(candidate, "--version")[1]:
            return candidate
    raise Skip(f"{name} {version} is not installed")


def clang_format():
    files = tracked("*.cpp", "*.hpp", "*.h", "*.cu")
    return run(tool_of_version("clang-format", "14"), "--dry-run", "-Werror", *files)


def ruff(*arguments):
    status, _ = run(sys.executable, "-m", "ruff", "--version")
    if status:
        raise Skip("ruff is not installed: see tools/lint-requirements.txt")
    return run(sys.executable, "-m", "ruff", *arguments)


def shellcheck():
    scripts = [
        name
        for name in tracked()
        if re.match(rb"#!.*\b(ba|da)?sh\b|# shellcheck shell", (ROOT / name).read_bytes()[:80])
    ]
    return run(tool("shellcheck"), "--external-sources", *scripts)


def base():
    """The commit that the tree is compared with."""
    if wanted := os.environ.get("SKARMA_LINT_BASE"):
        return wanted
    head = git("rev-parse", "HEAD")[1]
    status, fork = git("merge-base", "HEAD", "origin/main")
    if not status and fork != head:
        return fork.strip()
    status, before = git("rev-parse", "--verify", "--quiet", "HEAD~1")
    if status:
        raise Skip("there is no commit to compare with")
    return before.strip()


def lines_of(diff):
    """{file: [[first, last], ...]}, the lines that a diff without context has changed or added."""
    changed, ranges = {}, []
    for line in diff.splitlines():
        if line.startswith("+++ "):
            ranges = changed.setdefault(line[4:].removeprefix("b/"), [])
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            if count:
                ranges.append([first, first + count - 1])
    return {name: ranges for name, ranges in changed.items() if ranges and SHIPPED.fullmatch(name)}


def changed_lines():
    options = ("--unified=0", "--no-color", "--no-ext-diff", "--diff-filter=d")
    status, diff = git("diff", *options, base())
    if status:
        raise Skip(f"git cannot compare with {base()}")
    return lines_of(diff)


def compile_commands():
    """The folder of compile_commands.json, and its files: the extension's if pybind11 is there.

    Precompiled headers are g++'s, so that it has none.
    """
    folder = ROOT / "build" / "lint"
    options = ["-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON", "-DSKARMA_TESTS=OFF"]
    status, pybind11 = run(sys.executable, "-m", "pybind11", "--cmakedir")
    if status == 0:
        options += ["-DSKARMA_PYTHON=ON", f"-DPython_EXECUTABLE={sys.executable}"]
        options += [f"-Dpybind11_DIR={pybind11.strip()}"]
    status, text = run("cmake", "--preset", "dev", "-B", folder, "--log-level=WARNING", *options)
    if status:
        raise Skip(f"cmake cannot configure build/lint:\n{text}")
    commands = json.loads((folder / "compile_commands.json").read_text())
    return folder, {
        os.path.relpath(os.path.realpath(command["file"]), ROOT) for command in commands
    }


def clang_tidy():
    command = [tool_of_version("clang-tidy", "14"), "--quiet", "--warnings-as-errors=*"]
    changed = changed_lines()
    files = [name for name in changed if name.endswith(".cpp")]
    if not files:
        return 0, "no .cpp file of the library or the program has changed\n"
    lines = [{"name": name, "lines": ranges} for name, ranges in changed.items()]
    folder, compiled = compile_commands()
    readable = [name for name in files if name in compiled]
    command += [f"--line-filter={json.dumps(lines)}", "-p", folder]
    command += ["--extra-arg=-Wno-unknown-warning-option"]
    end = time.monotonic() + MAX_SECONDS

    def read(name):
        left = end - time.monotonic()
        try:
            return run(*command, name, timeout=left) if left > 0 else None
        except subprocess.TimeoutExpired:
            return None

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        results = list(pool.map(read, readable[:MAX_FILES]))
    results = [result for result in results if result]
    if not results:
        raise Skip(f"none of {len(files)} changed files was read: no time, or no pybind11 for them")
    text = "".join(output for status, output in results if status)
    summary = f"clang-tidy has read {len(results)} of {len(files)} changed files\n"
    if len(results) < len(files):
        summary += f"NOT READ: the rest; it stops after {MAX_FILES} files or {MAX_SECONDS} s"
        summary += ", and leaves out what is not compiled here\n"
    return max((status for status, _ in results), default=0), text + summary


CHECKS = {
    "clang-format": clang_format,
    "ruff": lambda: ruff("check", "."),
    "ruff-format": lambda: ruff("format", "--check", "."),
    "shellcheck": shellcheck,
    "clang-tidy": clang_tidy,
}


def made(name):
    """One <testcase>, after the check has been made and printed."""
    case = ET.Element("testcase", name=name, classname="lint")
    print(f"== {name}", flush=True)
    try:
        status, text = CHECKS[name]()
    except Skip as reason:
        print(f"SKIPPED: {reason}", flush=True)
        ET.SubElement(case, "skipped", message=str(reason))
        return case
    print(text, end="", flush=True)
    if status:
        ET.SubElement(case, "failure", message=text)
    return case


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--junit", type=Path, metavar="REPORT")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=", ".join(CHECKS))
    args = parser.parse_args()
    if unknown := set(args.checks) - set(CHECKS):
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    suite = ET.Element("testsuite", name="lint")
    suite.extend(made(name) for name in args.checks or CHECKS)
    if args.junit:
        args.junit.parent.mkdir(parents=True, exist_ok=True)
        ET.ElementTree(suite).write(args.junit, encoding="utf-8", xml_declaration=True)
    return 1 if suite.findall("*/failure") else 0


if __name__ == "__main__":
    sys.exit(main())
