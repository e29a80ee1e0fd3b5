"""The Python package of a commit, built once and kept in build/commits."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, **options)


def commit_of(name):
    """The full name of a commit; ValueError for a name that git does not know."""
    done = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise ValueError(f"git knows no commit {name}")
    return done.stdout.strip()


def build(commit):
    """The folder to import the package from, as pip installs it."""
    folder = ROOT / "build" / "commits" / commit[:12]
    site, source = folder / "site", folder / "source"
    if (site / "skarma").exists():
        return site
    print(f"building {commit[:12]}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    run("git", "worktree", "prune", cwd=ROOT)
    run("git", "worktree", "add", "--quiet", "--detach", source, commit, cwd=ROOT)
    try:
        run("tools/bootstrap", cwd=source)
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        run(*pip, "--requirement", source / "tools" / "wheel-requirements.txt")
        built = folder / "unfinished"
        run(*pip, "--no-deps", "--no-build-isolation", "--target", built, source)
        built.rename(site)
    finally:
        run("git", "worktree", "remove", "--force", source, cwd=ROOT)
    return site


def use(site):
    """Import from this folder what is imported from now on."""
    sys.path.insert(0, str(site))
