"""What a bug report should say."""

import sklearn

from skarma import _native


def show_versions() -> None:
    """Print the versions of skarma and what it stands on, and what computes on this machine.

    Where there is no GPU, a line says why.

    Examples
    --------
    >>> import skarma
    >>> skarma.show_versions()  # doctest: +ELLIPSIS
    <BLANKLINE>
    skarma: ...
    """
    from skarma import __version__

    info = _native.runtime_info()
    print(f"\nskarma: {__version__}")
    print(f"     BLAS: {info['blas']}")
    print(f"     SIMD: {info['simd']}")
    print(f" compiler: {info['compiler']}")
    print(f"    cores: {info['n_cores']}")
    for name, what in info["gpus"]:
        print(f"{name:>9}: {what}")
    sklearn.show_versions()
