"""
Convolution of sequences
========================

A Gaussian kernel smooths a random walk.
"""

import matplotlib.pyplot as plt
import numpy as np

from skarma import demos

walk = np.cumsum(np.random.RandomState(0).standard_normal(200))
demos.convolve_sequence(walk, demos.gaussian_kernel()).plot()
plt.show()
