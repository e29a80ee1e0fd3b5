"""How Sphinx makes the pages; tools/docs runs it."""

import inspect
import os
import re
import subprocess
import sys
from importlib.metadata import version as version_of
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "docs"))  # for gallery_arguments

project = "skarma"
author = "the skarma developers"
release = version = version_of("skarma")
extensions = [
    "breathe",
    "myst_parser",
    "numpydoc",
    "sphinx-mathjax-offline",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["requirements.txt"]
templates_path = ["_templates"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

html_theme = "pydata_sphinx_theme"
html_title = "skarma"
html_static_path = ["_static"]
html_css_files = ["skarma.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": "skarma"},
    "header_links_before_dropdown": 6,
    "navbar_align": "left",
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"install": [], "gallery/index": []}
copyright = "the skarma developers, BSD-3-Clause"
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

numpydoc_show_class_members = False
autodoc_default_options = {"members": True, "inherited-members": True}
autodoc_typehints = "none"  # the docstrings have them
autosummary_generate = True
toc_object_entries_show_parents = "hide"

breathe_projects = {"skarma": str(ROOT / "build" / "docs" / "doxygen")}
breathe_default_project = "skarma"
breathe_default_members = ("members",)

# Fits of the gallery end after as many epochs as they show: their processes warn of nothing.
os.environ["PYTHONWARNINGS"] = "ignore::UserWarning"
# MNIST is not part of this project: the pages are the same where it is at hand.
os.environ["SKARMA_TEST_DATA"] = str(ROOT / "build" / "docs" / "no_data")

sphinx_gallery_conf = {
    "examples_dirs": [str(ROOT / "examples")],
    "gallery_dirs": ["gallery"],
    "filename_pattern": r"\.py$",
    "ignore_pattern": r"(page|shared_\w+)\.py$",
    "subsection_order": ["../examples/demos", "../examples/pictures", "../examples/experiments"],
    "within_subsection_order": "FileNameSortKey",
    "reset_argv": "gallery_arguments.arguments",
    "parallel": 2,
    "default_thumb_file": str(ROOT / "docs" / "_static" / "program.png"),
    "show_signature": False,
    "download_all_examples": False,
    "write_computation_times": False,
    "min_reported_time": 10**6,  # seconds: none is told
    "abort_on_example_error": True,
    "plot_gallery": True,
    "reset_modules": ("matplotlib",),
}
# Breathe declares the namespace anew for each header.
suppress_warnings = ["config.cache", "duplicate_declaration.cpp"]


def help_of(*command):
    """What the program prints of its flags."""
    done = subprocess.run(
        [os.environ.get("SKARMA", "skarma"), *command],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "100"},
    )
    return done.stdout.rstrip()


def as_markdown(text):
    """The help of a command: its flags as a list of definitions, its example as a block."""
    parts, section = [], ""
    for line in text.splitlines():
        if re.fullmatch(r"[A-Z].*:", line):
            section = line.rstrip(":")
            parts += ["", f"### {section}", ""] + (["```sh"] if section == "Example" else [])
        elif section == "Example":
            parts.append(line[2:])
        elif line.startswith("Usage: "):
            parts += ["", "```text", line.removeprefix("Usage: "), "```", ""]
        elif found := re.match(r"  (\S.*?)(?:   *(?=\S)(.*))?$", line):
            if line.startswith("      "):
                parts[-1] += (" " if len(parts[-1]) > 2 else "") + plain(line)
            else:
                parts += ["", f"`{found[1]}`", f": {plain(found[2] or '')}"]
        else:
            parts.append(plain(line))
    return "\n".join(parts + ["```"] * (section == "Example"))


def plain(text):
    """Text without what Markdown would take for markup, or for two hyphens."""
    return re.sub(r"([\\`*_{}\[\]<>#|$])", r"\\\1", text.strip()).replace("--", "-\\-")


def write_cli_reference():
    """reference/cli.md, of what the program says of itself."""
    general = help_of("--help")
    names = re.findall(r"^  ([a-z][a-z-]+)  ", general.partition("Subcommands:")[2], re.MULTILINE)
    parts = ["# The command line", "## skarma", as_markdown(general)]
    for name in names:
        if name != "help":
            parts.append(f"## skarma {name}\n\n{as_markdown(help_of('help', name))}")
    text = "\n\n".join(parts) + "\n"
    write_if_changed(ROOT / "docs" / "reference" / "cli.md", text)


#: Folders of public headers, and what their pages are called.
CPP_PAGES = {
    "core/base": "Data and control",
    "datasets": "Data sets",
    "estimators": "Estimators",
    "model_selection": "Model selection",
}


def write_cpp_reference():
    """A page a folder, of what Doxygen has read in its headers."""
    folder = ROOT / "docs" / "reference" / "cpp"
    folder.mkdir(exist_ok=True)
    included = (ROOT / "skarma.hpp").read_text()
    for start, title in CPP_PAGES.items():
        parts = [f"# {title}"]
        for header in sorted((ROOT / start).rglob("*.hpp")):
            name = header.relative_to(ROOT)
            is_shown = "search" not in name.parts or f"<skarma/{name}>" in included
            if "internal" not in name.parts and is_shown:
                parts.append(f"## {name.stem}.hpp\n\n`#include <skarma/{name}>`")
                parts.append(f"```{{doxygenfile}} {name.name}\n```")
        write_if_changed(folder / f"{start.replace('/', '_')}.md", "\n\n".join(parts) + "\n")


def write_if_changed(page, text):
    if not page.exists() or page.read_text() != text:
        page.write_text(text)


def skip_what_is_scikit_learns(app, what, name, obj, skip, options):
    """Members that scikit-learn's base classes bring are in its pages, as Python's in Python's."""
    member = getattr(obj, "fget", None) or getattr(obj, "func", obj)
    if inspect.isbuiltin(member) or inspect.ismethoddescriptor(member):
        return True
    module = getattr(member, "__module__", None) or ""
    return True if module.partition(".")[0] in ("sklearn", "collections", "builtins") else None


def link_to_the_gallery(app, name, source):
    """On the built page an experiment's script is its page of the gallery."""
    if name == "experiments":
        link = r"\(\.\./examples/experiments/(e\w+)\.py\)"
        source[0] = re.sub(link, r"(gallery/experiments/\1.rst)", source[0])


def setup(app):
    write_cli_reference()
    write_cpp_reference()
    app.connect("source-read", link_to_the_gallery)
    app.connect("autodoc-skip-member", skip_what_is_scikit_learns)
