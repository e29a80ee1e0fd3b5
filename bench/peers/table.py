"""Rows of measurements as a table in Markdown, and the verdict on each.

Speeds are multiples of scikit-learn's; one in brackets is of a peer whose numbers differ from
scikit-learn's by more than the tolerance of the case, and does not count.
"""

OTHERS = ("torch", "torch.compile", "jax")
COLUMNS = (
    "case",
    "type",
    "scikit-learn",
    *OTHERS,
    "skarma",
    "best peer",
    "skarma to it",
    "asked for",
    "met",
    "compile (s)",
)
SMALLEST = 1e-3  # losses below are compared as if they were this large


def disagreement(row, peer):
    """The largest difference of a peer's numbers to scikit-learn's, relative to the largest one."""
    expected, got = row.results.get("sklearn"), row.results.get(peer)
    if expected is None or got is None:
        return 0.0
    scale = max(SMALLEST, *map(abs, expected))
    return max(abs(a - b) for a, b in zip(expected, got, strict=True)) / scale


def agrees(row, peer):
    """Whether the peer did the same work as scikit-learn, within the tolerance of the case."""
    return disagreement(row, peer) <= row.case.tolerance


def multiple(row, peer):
    """How many times faster than scikit-learn."""
    return row.figures["sklearn"] / row.figures[peer]


def best_peer(row):
    """Name and multiple of scikit-learn's speed of the fastest peer that did the same work."""
    peers = [peer for peer in row.figures if peer != "skarma" and agrees(row, peer)]
    speeds = {peer: multiple(row, peer) for peer in peers} | row.case.quoted
    return max(speeds.items(), key=lambda item: item[1])


def compared_with(row):
    """Name and multiple of what the target of the case is a ratio to; None if it was not run."""
    against = row.case.target.against
    if against == "best":
        return best_peer(row)
    return (against, multiple(row, against)) if against in row.figures else None


def reached(row):
    """What skarma reached: a ratio of speeds, or a difference of figures; None if not measured."""
    if "skarma" not in row.figures:
        return None
    if row.case.target.against == "sklearn+":
        return row.figures["skarma"] - row.figures["sklearn"]
    other = compared_with(row)
    return other and multiple(row, "skarma") / other[1]


def verdict(row):
    """Whether the target is met, and if not, whether a peer is even faster."""
    value, target = reached(row), row.case.target
    if value is None:
        return ""
    if not agrees(row, "skarma"):
        return f"no, numbers differ by {disagreement(row, 'skarma'):.0e}"
    if target.against == "sklearn+":
        return "yes" if value <= target.value else "no"
    if value >= target.value:
        return "yes"
    return "no" if value >= 1 else f"no, {compared_with(row)[0]} is faster"


def figure_text(case, figure):
    """A figure with its unit."""
    if case.measure == "memory":
        return f"{figure:.1f} MiB"
    return f"{figure:.2f} s" if figure >= 1 else f"{figure * 1e3:.3g} ms"


def cell(row, peer):
    """A peer's speed, or its figure where a difference of figures counts."""
    if peer not in row.figures:
        return ""
    if row.case.target.against == "sklearn+" or peer == "sklearn":
        return figure_text(row.case, row.figures[peer])
    speed = f"{multiple(row, peer):.2f}"
    return speed if agrees(row, peer) else f"({speed})"


def target_cells(row):
    """The best peer, what skarma reached, and what is asked for."""
    target, value = row.case.target, reached(row)
    if target.against == "sklearn+":
        name = "scikit-learn"
        got = "" if value is None else f"+ {figure_text(row.case, value)}"
        return name, got, f"at most + {figure_text(row.case, target.value)}"
    other = compared_with(row)
    best = f"{other[0]} {other[1]:.2f}" if other else target.against
    return best, "" if value is None else f"{value:.2f}", f"{target.value:g}"


def compile_times(row):
    """Seconds that the first run took longer than a later one, of peers that compile."""
    peers = [peer for peer in ("torch.compile", "jax") if peer in row.first_run]
    return ", ".join(f"{peer} {row.first_run[peer] - row.figures[peer]:.1f}" for peer in peers)


def line(row):
    """The row in Markdown."""
    peers = [cell(row, peer) for peer in ("sklearn", *OTHERS, "skarma")]
    cells = [row.case.row, row.case.dtype, *peers, *target_cells(row), verdict(row)]
    return f"| {' | '.join([*cells, compile_times(row)])} |"


def head():
    """The first two lines."""
    return f"| {' | '.join(COLUMNS)} |\n| {' | '.join(['---'] * len(COLUMNS))} |"
