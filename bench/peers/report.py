"""What was measured, where and with what: the text in docs/performance.md."""

import datetime
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

BEGIN, END = "<!-- bench/peers: begin -->", "<!-- bench/peers: end -->"
PACKAGES = ("skarma", "scikit-learn", "torch", "jax", "numpy", "scipy")


def versions():
    """Names and versions of the packages that are installed."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def processor():
    """The name of the processor."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def circumstances(command, rounds):
    """Command, versions, machine and date."""
    today = datetime.date.today().isoformat()
    python = platform.python_version()
    return (
        f"`{command}`\n\n{versions()}; Python {python}, {processor()}, {today}; "
        f"the least of {rounds} rounds."
    )


def written_into(document, text):
    """The document with the text between its two markers, in place of what was there.

    Raises
    ------
    ValueError
        If the document has not both markers, in order.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the file has no lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{text.strip()}\n{END}{after}"
