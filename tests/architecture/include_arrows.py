"""Checks who includes whom against docs/architecture.md and prints each violation as file:line.

python3 include_arrows.py ROOT_OF_THE_REPOSITORY
"""

import re
import sys
from pathlib import Path

SUFFIXES = {".hpp", ".cpp", ".cu", ".cuh", ".h", ".inc"}

# What others may include of core: not what a device is made of.
CORE = [
    f"core/{folder}"
    for folder in ("augment", "base", "linalg", "parallel", "net", "optim", "engine", "train")
]

# What each component may include of ours: itself and these folders.
ARROWS = {
    "core": [],
    "datasets": ["core/base"],
    "estimators": CORE,
    "model_selection": ["estimators", *CORE],
    "cli": ["model_selection", "estimators", *CORE, "datasets", "skarma.hpp"],
    "python": ["model_selection", "estimators", *CORE],
    "skarma.hpp": ["model_selection", "estimators", "core/base", "datasets"],
    "gpu": ["core/base", "core/net", "core/engine", "core/kernels/philox.hpp"],
    "bench": ["model_selection", "estimators", "core", "datasets", "skarma.hpp"],
    "examples": ["model_selection", "estimators", "core/base", "datasets", "skarma.hpp"],
}

# The same for the folders of core,
CORE_ARROWS = {
    "base": [],
    "parallel": ["base"],
    "kernels": ["base", "net/functions.hpp"],
    "linalg": ["base", "kernels"],
    "net": ["base"],
    "augment": ["base", "kernels", "parallel", "net"],
    "optim": ["base", "kernels", "parallel", "net"],
    "engine": ["base", "parallel", "augment", "net", "optim"],
    "train": ["base", "parallel", "net", "optim", "engine"],
    "cpu": ["base", "kernels", "parallel", "net", "optim", "engine"],
    "reference": ["base", "kernels", "net", "optim", "engine"],
}

# and of cli, where a few files serve all folders.
CLI_FILES = ["exit_code.hpp", "parameters.hpp", "signals.hpp", "usage_error.hpp", "wording.hpp"]
CLI_ARROWS = {
    "commands": ["command.hpp", "options", "input", "output", "journal", *CLI_FILES],
    "options": ["input", "output", *CLI_FILES],
    "input": CLI_FILES,
    "output": CLI_FILES,
    "journal": CLI_FILES,
    **{file: CLI_FILES for file in CLI_FILES},
}

INNER_ARROWS = {"core": CORE_ARROWS, "cli": CLI_ARROWS}

# The files that know more than their folder: the registry of devices, and what tells of this one.
MORE = {
    "core/engine/registry.cpp": ["core/cpu", "core/reference"],
    "core/engine/input_gradients.cpp": ["core/reference"],
    "core/engine/least_squares.cpp": ["core/reference"],
    "core/engine/output_loss.cpp": ["core/reference"],
    "estimators/runtime.cpp": ["core/kernels"],
}

# Foreign headers and the only rooms that may name them: (what, pattern of the header, rooms).
ROOMS = [
    (
        "Armadillo",
        r"armadillo(_bits/.*)?$",
        r"core/(base/arma_interop\.hpp|reference/[^/]*_formulas\.[ch]pp|reference/[^/]*\.cpp)$",
    ),
    (
        "BLAS",
        r"(cblas|cblas_.*|cblas-.*|openblas.*|lapacke?.*|f77blas)\.h$|openblas.*/",
        r"core/kernels/",
    ),
    ("dlib", r"dlib/", r"core/optim/lbfgs_direction\.cpp$"),
    ("CLI11", r"CLI/", r"cli/"),
    ("SQLite", r"(SQLiteCpp/|sqlite3).*", r"cli/journal/"),
    ("xxHash", r"xxhash.*", r"model_selection/search/internal/digests\.cpp$"),
    (
        "CUDA",
        r"(cuda|cublas|cusparse|curand|cusolver|nvrtc|nvtx|cooperative_groups|thrust/|cub/).*",
        r"gpu/",
    ),
    ("dlopen", r"dlfcn\.h$", r"(core/engine/plugin_library\.cpp|gpu/device/cublas\.cu)$"),
]

INCLUDE = re.compile(r"^\s*#\s*include\s*([<\"])([^>\"]+)[>\"]")
CONDITION = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif|elifdef|elifndef)\b(.*)")
CUDA_NAME = re.compile(r"CUDA|__NVCC__", re.IGNORECASE)
BLAS_CALL = re.compile(r"\b(cblas|openblas)_\w+\s*\(")
COMMENT_OR_STRING = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'", re.DOTALL
)


def without_comments(text):
    """The code with comments blanked, line numbers kept; strings stay: an #include may be one."""

    def blank(match):
        found = match.group(0)
        return re.sub(r"[^\n]", " ", found) if found.startswith("/") else found

    return COMMENT_OR_STRING.sub(blank, text)


def inside(path, folder):
    return path == folder or path.startswith(folder + "/")


def check_own(place, component, target):
    """A message when `place` may not include skarma's own `target`, else None."""
    if any(inside(target, folder) for folder in MORE.get(place, [])):
        return None
    if any(inside(target, folder) for folder in [component, *ARROWS[component]]):
        return check_inside(place, component, target)
    allowed = ", ".join([component, *ARROWS[component]])
    return f"{component} may include only {allowed}; not <skarma/{target}>"


def check_inside(place, component, target):
    """The same for what is in the component of `place`, where its folders have arrows."""
    if component not in INNER_ARROWS or not inside(target, component):
        return None
    folder = place.split("/")[1]
    if folder not in INNER_ARROWS[component]:
        return None
    allowed = [folder, *INNER_ARROWS[component][folder]]
    if any(inside(target, f"{component}/{other}") for other in allowed):
        return None
    only = ", ".join(allowed)
    return f"{component}/{folder} may include of {component} only {only}; not <skarma/{target}>"


def check_foreign(place, header):
    for what, pattern, rooms in ROOMS:
        if re.match(pattern, header) and not re.match(rooms, place):
            return f"{what} has no business here: <{header}>"
    return None


def check_include(root, place, component, quote, header):
    if header.startswith("skarma/"):
        if quote == '"':
            return f'spell it <{header}>, not "{header}"'
        return check_own(place, component, header.removeprefix("skarma/"))
    if quote == '"' or header.split("/")[0] in ARROWS and (root / header).exists():
        return f"our own headers are spelled <skarma/...>, not {header}"
    return check_foreign(place, header)


def check_line(root, place, component, line):
    include = INCLUDE.match(line)
    if include:
        return check_include(root, place, component, *include.groups())
    condition = CONDITION.match(line)
    if condition and CUDA_NAME.search(condition.group(2)) and component != "gpu":
        return "an #if names CUDA"
    if BLAS_CALL.search(line) and not re.match(r"core/kernels/", place):
        return "BLAS is called outside core/kernels"
    return None


def sources(root):
    for component in ARROWS:
        top = root / component
        files = [top] if top.is_file() else sorted(top.rglob("*"))
        for file in files:
            if file.suffix in SUFFIXES and file.is_file():
                yield component, file


def violations(root):
    """Lines 'file:line: what is wrong' for the whole repository below `root`."""
    found = []
    for component, file in sources(root):
        place = file.relative_to(root).as_posix()
        text = without_comments(file.read_text(encoding="utf-8", errors="replace"))
        for number, line in enumerate(text.splitlines(), start=1):
            problem = check_line(root, place, component, line)
            if problem:
                found.append(f"{place}:{number}: {problem}")
    return found


def main():
    root = Path(sys.argv[1]).resolve()
    count = sum(1 for _ in sources(root))
    found = violations(root)
    print("\n".join(found) if found else f"{count} files keep to the arrows")
    if count == 0:
        print(f"no sources below {root}")
    return 1 if found or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
