"""What the programs of the gallery are called with."""

from pathlib import Path

BUILT = Path(__file__).resolve().parents[1] / "build" / "docs"
OF_PROGRAMS = {
    "pipeline_search.py": [str(BUILT / "alpha.png")],
    "partial_fit_memmap.py": ["--samples", "60000"],
}


def arguments(gallery_conf, script_vars):
    """Give the flags of a program; experiments draw their picture if it is to be shown."""
    return OF_PROGRAMS.get(Path(script_vars["src_file"]).name, ["--show"])
