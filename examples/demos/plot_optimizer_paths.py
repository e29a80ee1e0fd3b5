"""
Optimisers on a surface
=======================

The paths of update rules from one start: each takes the steps that training takes by the same name.
"""

import matplotlib.pyplot as plt

from skarma import demos

rules = [
    demos.Rule("gd", 0.001, "gradient descent"),
    demos.Rule("sgd", 0.0005, "momentum", nesterovs_momentum=False),
    demos.Rule("adam", 0.05, "Adam"),
    demos.Rule("lbfgs", 1.0, "L-BFGS"),
]
paths = demos.optimizer_paths("rosenbrock", rules, max_steps=200)
for path in paths.paths:
    print(f"{path.rule.label:18} {path.n_steps:4} steps, f = {path.values[-1]:.2g}")
paths.plot()
plt.show()

# %%
# A saddle, which slows those that follow the slope alone.
demos.optimizer_paths("saddle", ["gd", "sgd", "adam"], learning_rate=0.05, max_steps=60).plot()
plt.show()
