"""
E79, E80: Shapes of LeNet, AlexNet and VGG 16
=============================================

Shapes and parameters of LeNet-5, the network for CIFAR-10, AlexNet and VGG 16.

AlexNet is the one that fits on one device, without the two groups of its convolutions. The network
for CIFAR-10 is trained on images of that shape which are drawn here: each class is a colour of its
own under noise. CIFAR-10 itself is not at hand.
"""

import numpy as np
from shared_figures import between, near, report
from shared_pictures import bars, places

from skarma import nn

ROWS = ("E79", "E80")


def lenet(shape):
    return nn.Sequential(
        [
            nn.Conv2D(6, 5, activation="relu", input_shape=shape),
            nn.MaxPool2D(),
            nn.Conv2D(16, 5, activation="relu"),
            nn.MaxPool2D(),
            nn.Flatten(),
            nn.Dense(120, "relu"),
            nn.Dense(84, "relu"),
            nn.Dense(10, "softmax"),
        ],
        random_state=0,
    )


def alexnet():
    return nn.Sequential(
        [
            nn.Conv2D(96, 11, strides=4, activation="relu", input_shape=(227, 227, 3)),
            nn.MaxPool2D(3, strides=2),
            nn.Conv2D(256, 5, padding="same", activation="relu"),
            nn.MaxPool2D(3, strides=2),
            nn.Conv2D(384, 3, padding="same", activation="relu"),
            nn.Conv2D(384, 3, padding="same", activation="relu"),
            nn.Conv2D(256, 3, padding="same", activation="relu"),
            nn.MaxPool2D(3, strides=2),
            nn.Flatten(),
            nn.Dense(4096, "relu"),
            nn.Dense(4096, "relu"),
            nn.Dense(1000, "softmax"),
        ]
    )


def vgg16():
    layers = []
    for filters, n_convolutions in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(n_convolutions):
            shape = None if layers else (224, 224, 3)
            layers.append(
                nn.Conv2D(filters, 3, padding="same", activation="relu", input_shape=shape)
            )
        layers.append(nn.MaxPool2D())
    layers += [nn.Flatten(), nn.Dense(4096, "relu"), nn.Dense(4096, "relu")]
    return nn.Sequential([*layers, nn.Dense(1000, "softmax")])


def coloured_images(n, random_state):
    colours = np.random.RandomState(7).uniform(-2, 2, (10, 1, 1, 3))
    y = random_state.randint(10, size=n)
    return colours[y] + random_state.normal(size=(n, 32, 32, 3)), y


def run():
    model = lenet((32, 32, 1))
    shapes = [line.output_shape[1:] for line in model.summary().layers]
    yield near("LeNet-5: side of the first convolution's images", shapes[0][0], 28)
    yield near("LeNet-5: parameters", model.count_params(), 61706)
    model = lenet((32, 32, 3))
    counts = [line.n_params for line in model.summary().layers if line.n_params]
    for name, count, expected in zip(
        ("first convolution", "second convolution", "120 units", "84 units", "10 units"),
        counts,
        (456, 2416, 48120, 10164, 850),
        strict=True,
    ):
        yield near(f"CIFAR-10: parameters, {name}", count, expected)
    yield near("CIFAR-10: all parameters", model.count_params(), 62006)
    optimizer = nn.SGD(learning_rate=0.001, momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    X, y = coloured_images(800, np.random.RandomState(0))
    model.fit(X, y, batch_size=4, epochs=2, verbose=0)
    loss, accuracy = model.evaluate(*coloured_images(500, np.random.RandomState(1)))
    yield between("CIFAR-10's shape: accuracy on other drawn images", accuracy, 0.9, 1.0)
    yield near("AlexNet: parameters", alexnet().count_params(), 62378344)
    yield near("AlexNet: side of the last images", alexnet().summary().layers[7].output_shape[1], 6)
    yield near("VGG 16: parameters", vgg16().count_params(), 138357544)
    yield near("VGG 16: side of the last images", vgg16().summary().layers[17].output_shape[1], 7)


def picture():
    networks = {"LeNet-5": lenet((32, 32, 1)), "CIFAR-10": lenet((32, 32, 3))}
    networks |= {"AlexNet": alexnet(), "VGG 16": vgg16()}
    counts = {name: model.count_params() for name, model in networks.items()}
    return bars(places(size=(6.4, 2.6)), counts, digits=9, xlabel="parameters", xscale="log")


if __name__ == "__main__":
    report(run, picture)
