"""
Filters of an image
===================

Six filters of 5 x 5 pixels over a photograph in colours, and one that finds horizontal lines.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

from skarma import demos

image = load_sample_image("flower.jpg")[100:356:8, 260:516:8] / 255
filters = np.random.RandomState(0).standard_normal((6, 5, 5, 3))
made = demos.filter_image(image, filters - filters.mean(axis=(1, 2), keepdims=True))
print(image.shape, "->", made.responses.shape, "with", made.n_parameters, "parameters")
made.plot()
plt.show()

# %%
# A filter that answers to horizontal lines; the vertical line says nothing to it.
lines = np.zeros((12, 12))
lines[3, 1:7] = lines[1:11, 9] = 1
demos.filter_image(lines, demos.HORIZONTAL_LINES).plot()
plt.show()
