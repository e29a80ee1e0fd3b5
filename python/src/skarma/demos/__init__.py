"""What the lectures show, as arrays and pictures: optimisers on surfaces, small models, filters.

Each function gives figures as a frozen dataclass, whose `plot()` draws them; matplotlib is imported
there alone.
"""

from skarma.demos.conditioning import Conditioning, conditioning
from skarma.demos.convolutions import (
    HORIZONTAL_LINES,
    FilteredImage,
    MaxPooling,
    SequenceConvolution,
    convolve_sequence,
    filter_image,
    gaussian_kernel,
    max_pool,
    output_size,
)
from skarma.demos.functions import FUNCTIONS, Function, quadratic
from skarma.demos.linear_models import LineFit, RidgeFit, line_fit, ridge_fit
from skarma.demos.optimizers import OptimizerPath, OptimizerPaths, Rule, optimizer_paths
from skarma.demos.perceptrons import (
    CORNERS,
    XOR,
    PerceptronFit,
    XorNetwork,
    perceptron,
    xor_network,
)
from skarma.demos.small_networks import (
    PEOPLE,
    WOMEN,
    NetByHand,
    VanishingGradients,
    net_by_hand,
    vanishing_gradients,
)

__all__ = [
    "CORNERS", "FUNCTIONS", "HORIZONTAL_LINES", "PEOPLE", "WOMEN", "XOR", "Conditioning",
    "FilteredImage", "Function", "LineFit", "MaxPooling", "NetByHand", "OptimizerPath",
    "OptimizerPaths", "PerceptronFit", "RidgeFit", "Rule", "SequenceConvolution",
    "VanishingGradients", "XorNetwork", "conditioning", "convolve_sequence", "filter_image",
    "gaussian_kernel", "line_fit", "max_pool", "net_by_hand", "optimizer_paths", "output_size",
    "perceptron", "quadratic", "ridge_fit", "vanishing_gradients", "xor_network",
]  # fmt: skip
