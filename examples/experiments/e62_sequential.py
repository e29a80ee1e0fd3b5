"""
E62, E63, E70: A sequential model and its summary
=================================================

Networks as lists of layers, their summaries, and compiling by names.
"""

from shared_figures import near, report
from shared_pictures import bars, places

from skarma import nn

ROWS = ("E62", "E63", "E70")


def three_ways():
    """784-32-10: a list of layers with activations, layers that are added, activations apart."""
    yield nn.Sequential([nn.Dense(32, "relu", input_shape=(784,)), nn.Dense(10, "softmax")])
    added = nn.Sequential()
    added.add(nn.Dense(32, activation="relu", input_shape=(784,)))
    added.add(nn.Dense(10, activation="softmax"))
    yield added
    yield nn.Sequential(
        [
            nn.Dense(32, input_shape=(784,)),
            nn.Activation("relu"),
            nn.Dense(10),
            nn.Activation("softmax"),
        ]
    )


def larger():
    return nn.Sequential(
        [
            nn.Dense(512, "relu", input_shape=(784,)),
            nn.Dropout(0.5),
            nn.Dense(512, "relu"),
            nn.Dropout(0.5),
            nn.Dense(10, "softmax"),
        ]
    )


def run():
    for model in three_ways():
        counts = [line.n_params for line in model.summary().layers if line.n_params]
        yield near("parameters of the first layer", counts[0], 25120)
        yield near("parameters of the second layer", counts[1], 330)
        yield near("all parameters", model.count_params(), 25450)
        model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    counts = [line.n_params for line in larger().summary().layers if line.n_params]
    yield near("parameters of the larger network's first layer", counts[0], 401920)
    yield near("parameters of its second layer", counts[1], 262656)
    yield near("parameters of its last layer", counts[2], 5130)
    yield near("all its parameters", larger().count_params(), 669706)


def picture():
    counts = {line.name: line.n_params for line in larger().summary().layers}
    return bars(places(size=(6.4, 3)), counts, digits=6, xlabel="parameters")


if __name__ == "__main__":
    report(run, picture)
