"""What was measured as a table in Markdown."""

import roofline

COLUMNS = (
    "workload",
    "on",
    "seconds",
    "member-steps/s",
    "TFLOP/s",
    "of FP32 peak",
    "of bandwidth",
    "learnt",
)
EXPLAINED = """\
A member-step is one step of Adam for one network. Seconds are of the wall, from data on the host to
results on the host, the least of the rounds, of which a processor that takes long has one. FLOP are
those of the products. The share of the bandwidth is what it would be if each step read and wrote
all parameters and moments: networks that stay in a chip's own memory go beyond it. "engine alone"
is the sum of the fit times that a search reports (on the processor divided by its threads):
preparing and training, without scores and what else a search does. Learnt is the final loss of one
network, the mean score of many: all should be alike."""
TOLERANCE = 0.02  # of what was learnt, relative to skarma's on the processor


def head():
    return f"| {' | '.join(COLUMNS)} |\n| {' | '.join(['---'] * len(COLUMNS))} |"


def cells_of(workload, on, seconds, peaks, learnt):
    cells = [workload.name, on, f"{seconds:.4g}", f"{workload.n_member_steps / seconds:.4g}"]
    cells.append(f"{workload.n_flops / seconds / 1e12:.3g}")
    if peaks is None or on.startswith("skarma cpu"):
        return [*cells, "", "", learnt]
    return [
        *cells,
        *(f"{share:.1%}" for share in roofline.shares(workload, seconds, peaks)),
        learnt,
    ]


def line(*cells):
    return f"| {' | '.join(cells)} |"


def learnt_text(figure, expected):
    differs = abs(figure - expected) > TOLERANCE * abs(expected)
    return f"{figure:.4g}{', DIFFERS' if differs else ''}"


def lines(workload, measured, peaks):
    """The rows of a workload: one for each who took part, two for a search of skarma."""
    expected = None
    for on, one in measured.items():
        if one.failure:
            yield line(workload.name, on, one.failure, *[""] * (len(COLUMNS) - 3))
            continue
        figure = one.learnt[-1].figure(workload)
        expected = figure if expected is None else expected
        learnt = learnt_text(figure, expected)
        yield line(*cells_of(workload, on, one.least, peaks, learnt))
        if workload.pairs and one.learnt[-1].engine_seconds is not None:
            alone = f"{on}, engine alone"
            yield line(*cells_of(workload, alone, one.engine_least, peaks, learnt))


def crossing(flops, device):
    """From which size on the device was faster than one thread of the processor.

    `flops` are pairs of floating-point operations a step and how many times faster the device was.
    """
    slower = [size for size, ratio in flops if ratio < 1]
    faster = [size for size, ratio in sorted(flops) if not slower or size > max(slower)]
    begin = f"A single fit on {device} was faster than on one thread of the processor"
    if not faster:
        return f"{begin} at no size, up to {max(slower):.2g} FLOP a step."
    return f"{begin} from {faster[0]:.2g} FLOP a step on; device='auto' takes a GPU from 5e7 on."
