"""Runs the commands of README.md as a newcomer would type them: python3 readme.py [README]

Every ```sh block, in order and in one shell, in a copy of the tracked files with an empty home. The
first ```cpp block is example.cpp there. It is no bare root, which would take the right to mount and
a mirror of the distribution: what tools/bootstrap installs is there, and caches of ccache and pip.
"""

import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_RUN = {"./tools/test": "CI's first stage runs it"}


def blocks(text, language):
    """The lines of each block of a language."""
    parts = text.split(f"\n```{language}\n")[1:]
    return [part.split("\n```")[0].splitlines() for part in parts]


def commands(text):
    for block in blocks(text, "sh"):
        for line in block:
            reasons = [why for start, why in NOT_RUN.items() if line.startswith(start)]
            yield f": not run: {reasons[0]}: '{line}'" if reasons else line


def copy_of_the_tree(folder):
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    there = [name for name in names.stdout.split(b"\0") if (ROOT / os.fsdecode(name)).exists()]
    packed = subprocess.run(
        ["tar", "-c", "--null", "-T", "-"],
        cwd=ROOT,
        input=b"\0".join(there),
        stdout=subprocess.PIPE,
    )
    subprocess.run(["tar", "-x"], cwd=folder, input=packed.stdout, check=True)
    if (ROOT / ".deps").exists():
        (folder / ".deps").symlink_to((ROOT / ".deps").resolve())


def write_tables(folder):
    """The tables that the command line's examples name, with labels that can be learned."""
    rows = [(i % 7, i % 3, "yes" if i % 7 > 3 else "no") for i in range(60)]
    for name, width in (("train", 3), ("test", 3), ("new", 2)):
        with open(folder / f"{name}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("length", "width", "label")[:width])
            writer.writerows(row[:width] for row in rows)


def environment(home):
    """Like the caller's, but for the home; caches stay where they are."""
    env = os.environ | {"HOME": str(home)}
    env.pop("PKG_CONFIG_PATH", None)
    old = Path.home()
    env.setdefault("CCACHE_DIR", str(old / ".cache" / "ccache"))
    env.setdefault("PIP_CACHE_DIR", str(old / ".cache" / "pip"))
    for settings in (old / ".config" / "pip" / "pip.conf", old / ".pip" / "pip.conf"):
        if settings.exists():
            env.setdefault("PIP_CONFIG_FILE", str(settings))
    return env


def main(readme=ROOT / "README.md"):
    text = Path(readme).read_text()
    with tempfile.TemporaryDirectory() as name:
        tree, home = Path(name) / "skarma", Path(name) / "home"
        tree.mkdir()
        home.mkdir()
        copy_of_the_tree(tree)
        write_tables(tree)
        (tree / "example.cpp").write_text("\n".join(blocks(text, "cpp")[0]) + "\n")
        script = "\n".join(["set -euo pipefail", "PS4='$ '", "set -x", *commands(text)]) + "\n"
        done = subprocess.run(
            ["bash", "-c", script], cwd=tree, env=environment(home), stdin=subprocess.DEVNULL
        )
        if done.returncode == 0 and not (tree / "predictions.csv").stat().st_size:
            print("no predictions were written")
            return 1
        return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
