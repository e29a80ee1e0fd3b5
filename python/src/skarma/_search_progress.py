"""What a verbose native search shows: one live line, or scikit-learn's one line of plain text."""

from contextlib import contextmanager
from importlib.util import find_spec


def _live_console():
    """rich's console where a line can be kept up to date: a terminal or a notebook, else None."""
    try:
        from rich import get_console
    except ImportError:
        return None
    console = get_console()
    if console.is_jupyter:
        return console if find_spec("ipywidgets") else None
    return console if console.is_terminal else None


def _line(console):
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return Progress(
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        TextColumn("fits"),
        BarColumn(bar_width=20),
        TimeRemainingColumn(table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[best]}", markup=False, table_column=rest),
        console=console,
        expand=True,
    )


@contextmanager
def search_progress(verbose, n_candidates, n_splits):
    """Show how far a search is while the block runs.

    Parameters
    ----------
    verbose : int
        Whether to show anything.

    n_candidates, n_splits : int
        How many fits there will be: their product.

    Yields
    ------
    progress : callable or None
        What the native search tells its progress to: fits done, all fits, the best mean test score
        and its parameters, which are None until a candidate is complete.
    """
    if verbose <= 0:
        yield None
        return
    n_fits = n_splits * n_candidates
    console = _live_console()
    if console is None:
        print(
            f"Fitting {n_splits} folds for each of {n_candidates} candidates, "
            f"totalling {n_fits} fits"
        )
        yield None
        return
    with _line(console) as line:
        task = line.add_task("", total=n_fits, best="")

        def update(n_done, n_all, best_score, best_params):
            best = ""
            if best_params is not None:
                named = ", ".join(f"{name}={value}" for name, value in best_params.items())
                best = f"best {best_score:.4f} {named}"
            line.update(task, completed=n_done, best=best)

        try:
            yield update
        finally:
            line.refresh()  # rich leaves a notebook at its last regular look
