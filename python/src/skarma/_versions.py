"""What a bug report should say."""

import sklearn

from skarma import _native


def show_versions():
    """Print the versions of skarma and what it stands on, and what computes on this machine.

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
    print(f"     CUDA: {'yes' if info['cuda'] else 'no'}")
    sklearn.show_versions()
