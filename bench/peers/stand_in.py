"""A stand-in for the CUDA libraries that PyPI's torch names but does not need on a CPU.

Its wheel is the CUDA build, whose libraries weigh gigabytes. One small library under all of their
names defines all of their functions, which return an error (100, no device), so that torch can be
imported. torch on a GPU does not work with it.
"""

import importlib.util
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

NEEDED = re.compile(r"\(NEEDED\).*\[(lib(?:cu|nv|nccl)[^]]*)\]")
MISSING = re.compile(
    r"(OBJECT|FUNC|NOTYPE) +GLOBAL +DEFAULT +UND ((?:__)?(?:cu|nv|nccl)\w+)(?:@(\S+))?"
)


def readelf(flag, library):
    command = ["readelf", "--wide", flag, library]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def definition(kind, symbol):
    return f"char {symbol}[4096];\n" if kind == "OBJECT" else f"int {symbol}() {{ return 100; }}\n"


def version_script(missing):
    """What tells the linker which version each symbol is to have."""
    versions = defaultdict(set)
    for _, symbol, version in missing:
        if version:
            versions[version].add(symbol)
    return "".join(f"{name} {{ {'; '.join(all_)}; }};\n" for name, all_ in versions.items())


def build(folder):
    """Build it in the folder; LD_LIBRARY_PATH has to name the folder when Python starts."""
    folder = Path(folder)
    torch = Path(importlib.util.find_spec("torch").origin).parent / "lib"
    own = sorted(torch.glob("*.so*"))
    needed = {name for library in own for name in NEEDED.findall(readelf("-d", library))}
    missing = {text for library in own for text in MISSING.findall(readelf("--dyn-syms", library))}
    kinds = {symbol: kind for kind, symbol, _ in sorted(missing, reverse=True)}
    source, script, library = (folder / f"stand_in.{ending}" for ending in ("c", "map", "so"))
    source.write_text("".join(definition(kind, symbol) for symbol, kind in kinds.items()))
    script.write_text(version_script(missing))
    command = ["gcc", "-w", "-shared", "-fPIC", f"-Wl,--version-script={script}", source]
    subprocess.run([*command, "-o", library], check=True)
    for name in needed - {path.name for path in own}:
        (folder / name).symlink_to(library)


def failure_of_torch():
    """What `import torch` ends with in a process of its own; empty when all is well."""
    command = [sys.executable, "-c", "import torch"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.stderr.strip() or f"status {done.returncode}" if done.returncode else ""


def use(folder):
    """Build it in the folder for the processes to come, where torch cannot do without.

    Raises RuntimeError with torch's own words when torch cannot be imported with it either.
    """
    if not failure_of_torch():
        return
    build(folder)
    paths = [str(folder), os.environ.get("LD_LIBRARY_PATH")]
    os.environ["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, paths))
    if failure := failure_of_torch():
        raise RuntimeError(f"torch cannot be imported, with stand-ins for CUDA either:\n{failure}")


if __name__ == "__main__":
    build(sys.argv[1])
