"""Convolutions of sequences and images, and pooling, as convolutional networks have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from skarma.demos._plotting import Demonstration, colour
from skarma.demos.functions import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Responds to horizontal lines.
HORIZONTAL_LINES = np.array([[-1.0, -1.0, -1.0], [2.0, 2.0, 2.0], [-1.0, -1.0, -1.0]])


@dataclass(frozen=True, eq=False)
class SequenceConvolution(Demonstration):
    """A sequence convolved with a kernel.

    ``plot()`` draws the sequence and its convolution; what zeros beyond the ends reach is pale.

    Attributes
    ----------
    signal : ndarray of shape (n,)
        The sequence.
    kernel : ndarray of shape (k,)
        The kernel.
    valid : ndarray of shape (n - k + 1,)
        Where the kernel lies within the sequence.
    same : ndarray of shape (n,)
        Where its middle does; beyond the sequence are zeros.
    full : ndarray of shape (n + k - 1,)
        Where any part of it does.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.convolve_sequence([0, 1, 2], [1, 1]).full
    array([0., 1., 3., 2.])
    """

    signal: Array
    kernel: Array
    valid: Array
    same: Array
    full: Array

    def _draw(self, ax: Axes) -> None:
        ax.plot(self.signal, color=colour(6), alpha=0.7, linewidth=1, label="signal")
        ax.plot(self.same, color=colour(0), alpha=0.35)
        before = (len(self.kernel) - 1) - (len(self.kernel) - 1) // 2
        places = np.arange(before, before + len(self.valid))
        ax.plot(places, self.valid, color=colour(0), label=f"convolved, {len(self.kernel)} points")
        ax.set(xlabel="position")
        ax.legend()


def convolve_sequence(signal: ArrayLike, kernel: ArrayLike) -> SequenceConvolution:
    """Convolve a sequence: (f * g)(n) is the sum of f(n - m) g(m) over m.

    Parameters
    ----------
    signal : array-like of shape (n,)
        The sequence.
    kernel : array-like of shape (k,)
        The kernel, not longer than it.

    Returns
    -------
    convolution : SequenceConvolution
        Of all three lengths.

    Raises
    ------
    ValueError
        For a kernel that is empty or longer than the sequence.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.convolve_sequence([0, 1, 2, 0, 1], [-1, 2, -1]).valid
    array([ 0.,  3., -3.])
    """
    f, g = np.asarray(signal, dtype=np.float64), np.asarray(kernel, dtype=np.float64)
    if f.ndim != 1 or g.ndim != 1 or not 0 < len(g) <= len(f):
        raise ValueError(
            "The kernel must be a list that is not longer than the signal, got the shapes "
            f"{g.shape} and {f.shape}."
        )
    return SequenceConvolution(
        f,
        g,
        np.convolve(f, g, "valid"),
        np.convolve(f, g, "same"),
        np.convolve(f, g, "full"),
    )


def gaussian_kernel(n_points: int = 15, half_width: float = 2.0) -> Array:
    """Make a kernel that smooths: exp(-t^2) at points from -half_width to half_width, of sum 1.

    Parameters
    ----------
    n_points : int, default=15
        How many points; for images take the outer product with itself.
    half_width : float, default=2
        Where the first and the last one are.

    Returns
    -------
    kernel : ndarray of shape (n_points,)
        The kernel.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.gaussian_kernel(3, 1.0).round(3)
    array([0.212, 0.576, 0.212])
    """
    kernel = np.exp(-(np.linspace(-half_width, half_width, n_points) ** 2))
    return np.asarray(kernel / kernel.sum())


@dataclass(frozen=True, eq=False)
class FilteredImage(Demonstration):
    """An image and what filters respond with.

    ``plot()`` draws the responses of the filters, row by row.

    Attributes
    ----------
    image : ndarray of shape (height, width, n_channels)
        The image.
    filters : ndarray of shape (n_filters, filter_height, filter_width, n_channels)
        The filters.
    responses : ndarray of shape (out_height, out_width, n_filters)
        Their responses.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.filter_image(demos.HORIZONTAL_LINES, demos.HORIZONTAL_LINES).responses
    array([[[18.]]])
    """

    image: Array
    filters: Array
    responses: Array

    @property
    def n_parameters(self) -> int:
        """How many weights a layer of these filters has, with a bias each."""
        return self.filters.size + len(self.filters)

    def _draw(self, ax: Axes) -> None:
        height, width, n = self.responses.shape
        n_columns = min(n, int(np.ceil(np.sqrt(1.5 * n))))
        n_rows = -(-n // n_columns)
        tiles = np.full((n_rows, height + 1, n_columns, width + 1), np.nan)
        for i in range(n):
            tiles[i // n_columns, :-1, i % n_columns, :-1] = self.responses[..., i]
        sheet = tiles.reshape(n_rows * (height + 1), n_columns * (width + 1))[:-1, :-1]
        limit = np.abs(self.responses).max()
        drawn = ax.imshow(sheet, cmap="RdBu_r", vmin=-limit, vmax=limit)
        ax.figure.colorbar(drawn, ax=ax, label="response")
        ax.set_axis_off()
        ax.set_title(f"{n} filters, {height} x {width} each" if n > 1 else f"{height} x {width}")


def filter_image(image: ArrayLike, filters: ArrayLike, stride: int = 1) -> FilteredImage:
    """Correlate an image with filters, where these lie within it: a convolutional layer.

    Parameters
    ----------
    image : array-like of shape (height, width) or (height, width, n_channels)
        The image.
    filters : array-like of shape (filter_height, filter_width) or (n_filters, filter_height, \
filter_width, n_channels)
        One filter for a single channel, or several.
    stride : int, default=1
        How far a filter moves.

    Returns
    -------
    filtered : FilteredImage
        Image, filters and responses.

    Raises
    ------
    ValueError
        If the shapes do not go together.

    Examples
    --------
    >>> import numpy as np
    >>> from skarma import demos
    >>> filtered = demos.filter_image(np.zeros((32, 32, 3)), np.ones((6, 5, 5, 3)))
    >>> filtered.responses.shape, filtered.n_parameters
    ((28, 28, 6), 456)
    """
    pixels, weights = np.asarray(image, dtype=np.float64), np.asarray(filters, dtype=np.float64)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    weights = weights[None, ..., None] if weights.ndim == 2 else weights
    if pixels.ndim != 3 or weights.ndim != 4 or weights.shape[3] != pixels.shape[2]:
        raise ValueError(
            f"An image of shape {np.shape(image)} and filters of shape {np.shape(filters)} do not "
            "go together."
        )
    for n, size in zip(pixels.shape, weights.shape[1:3], strict=False):
        output_size(n, size, stride)
    windows = sliding_window_view(pixels, weights.shape[1:3], axis=(0, 1))[::stride, ::stride]
    return FilteredImage(pixels, weights, np.einsum("ijcxy,nxyc->ijn", windows, weights))


def output_size(n: int, filter_size: int, stride: int = 1, padding: int = 0) -> int:
    """Say how many places a filter has along one axis: (n - filter + 2 padding) / stride + 1.

    Parameters
    ----------
    n : int
        The image's size.
    filter_size : int
        The filter's.
    stride : int, default=1
        How far the filter moves.
    padding : int, default=0
        Zeros at each end.

    Returns
    -------
    size : int
        The number of places; what is left over at the end is not reached.

    Raises
    ------
    ValueError
        If the filter does not fit.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.output_size(7, 3), demos.output_size(7, 3, stride=2)
    (5, 3)
    """
    if min(n, filter_size, stride) < 1 or padding < 0:
        raise ValueError("Sizes and strides must be at least 1, padding at least 0.")
    if filter_size > n + 2 * padding:
        raise ValueError(f"A filter of {filter_size} does not fit into {n + 2 * padding}.")
    return (n - filter_size + 2 * padding) // stride + 1


@dataclass(frozen=True, eq=False)
class MaxPooling(Demonstration):
    """The largest of each window of an image.

    ``plot()`` draws the image with the values that are kept, framed.

    Attributes
    ----------
    image : ndarray of shape (height, width)
        The image.
    pooled : ndarray of shape (out_height, out_width)
        The largest of each window.
    rows, columns : ndarray of shape (out_height, out_width)
        Where in the image that is; the first of equals.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.max_pool([[1, 2], [3, 4]]).backward([[7]])
    array([[0., 0.],
           [0., 7.]])
    """

    image: Array
    pooled: Array
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    def backward(self, gradient: ArrayLike) -> Array:
        """Take a gradient by the pooled values back to the image: to where each was largest."""
        back = np.zeros(self.image.shape)
        places: Any = (self.rows, self.columns)
        np.add.at(back, places, np.asarray(gradient, dtype=np.float64))
        return back

    def _draw(self, ax: Axes) -> None:
        from matplotlib.patches import Rectangle

        ax.imshow(self.image, cmap="Blues", alpha=0.5)
        if self.image.size <= 100:
            for (i, j), value in np.ndenumerate(self.image):
                ax.text(j, i, f"{value:g}", ha="center", va="center")
        for i, j in zip(self.rows.ravel(), self.columns.ravel(), strict=True):
            frame = Rectangle((j - 0.47, i - 0.47), 0.94, 0.94, fill=False)
            frame.set(edgecolor=colour(1), linewidth=2)
            ax.add_patch(frame)
        ax.set_axis_off()
        ax.set_title("max pooling: what is kept")


def max_pool(image: ArrayLike, size: int = 2, stride: int | None = None) -> MaxPooling:
    """Keep the largest value of each window of an image.

    Parameters
    ----------
    image : array-like of shape (height, width)
        The image.
    size : int, default=2
        Height and width of a window.
    stride : int, default=None
        How far windows move; None: their size.

    Returns
    -------
    pooling : MaxPooling
        Values, and where they come from.

    Examples
    --------
    >>> from skarma import demos
    >>> demos.max_pool([[12, 20, 30, 0], [8, 12, 2, 0]]).pooled
    array([[20., 30.]])
    """
    pixels = np.asarray(image, dtype=np.float64)
    step = size if stride is None else stride
    if pixels.ndim != 2:
        raise ValueError(f"The image must have two axes, got the shape {pixels.shape}.")
    shape = tuple(output_size(n, size, step) for n in pixels.shape)
    windows = sliding_window_view(pixels, (size, size))[::step, ::step].reshape(*shape, -1)
    largest = windows.argmax(axis=-1)
    rows = step * np.arange(shape[0])[:, None] + largest // size
    columns = step * np.arange(shape[1]) + largest % size
    return MaxPooling(pixels, windows.max(axis=-1), rows, columns)
