"""What is done to the samples of minibatches in training."""

import pickle

import numpy as np
import pytest
from scipy import ndimage, stats
from sklearn.base import clone

from skarma import nn
from skarma.model_selection import GridSearchCV

# (ours, scipy.ndimage's, numpy.pad's)
MODES = [
    ("constant", "grid-constant", "constant"),
    ("nearest", "nearest", "edge"),
    ("reflect", "reflect", "symmetric"),
    ("wrap", "grid-wrap", "wrap"),
]
IMAGES_ALONE = [
    nn.RandomTranslation(0.1),
    nn.RandomRotation(15),
    nn.RandomFlip(),
    nn.RandomCrop(2),
]


def images(n=4, shape=(7, 10, 3), seed=0, dtype=np.float64):
    return np.random.RandomState(seed).normal(size=(n, *shape)).astype(dtype)


def affine(x, matrix, offset, mode, value):
    """By scipy.ndimage, channel by channel."""
    moved = np.empty_like(x)
    for i in range(len(x)):
        for c in range(x.shape[3]):
            moved[i, :, :, c] = ndimage.affine_transform(
                x[i, :, :, c], matrix, offset, order=1, mode=mode, cval=value
            )
    return moved


@pytest.mark.parametrize(("mode", "scipy_mode", "_"), MODES)
@pytest.mark.parametrize(("down", "right"), [(0.13, -0.31), (-0.6, 1.0), (2 / 7, 0.3), (0, 0)])
def test_translation_is_scipys(mode, scipy_mode, _, down, right):
    x = images()
    moved = nn.RandomTranslation((down, down), (right, right), mode, 0.7)(x, random_state=0)
    expected = affine(x, np.eye(2), [-down * 7, -right * 10], scipy_mode, 0.7)
    np.testing.assert_allclose(moved, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("mode", "scipy_mode", "_"), MODES)
@pytest.mark.parametrize("degrees", [0, 15, -77.7, 90, 180, 301])
def test_rotation_is_scipys(mode, scipy_mode, _, degrees):
    x = images()
    turned = nn.RandomRotation((degrees, degrees), mode, -0.3)(x, random_state=0)
    angle, centre = np.deg2rad(degrees), np.array([3, 4.5])
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    expected = affine(x, matrix, centre - matrix @ centre, scipy_mode, -0.3)
    np.testing.assert_allclose(turned, expected, rtol=0, atol=1e-12)


def test_a_quarter_turn_is_counter_clockwise():
    x = images(shape=(6, 6, 2))
    np.testing.assert_allclose(
        nn.RandomRotation((90, 90))(x), np.rot90(x, axes=(1, 2)), rtol=0, atol=1e-13
    )


def test_a_number_is_a_range_on_both_sides():
    x = np.zeros((4000, 1, 101, 1))
    x[:, 0, 50] = 1
    place = nn.RandomTranslation(0.0, 0.2)(x, random_state=0)[:, 0, :, 0] @ np.arange(101) - 50
    assert stats.kstest(place / 20.2, stats.uniform(-1, 2).cdf).pvalue > 0.01
    place = nn.RandomTranslation(0.0, (0.1, 0.2))(x, random_state=0)[:, 0, :, 0] @ np.arange(101)
    assert stats.kstest((place - 50) / 10.1, stats.uniform(1, 1).cdf).pvalue > 0.01
    x = np.zeros((4000, 3, 3, 1))
    x[:, 1, 2] = 1
    below = nn.RandomRotation(20, "constant")(x, random_state=0)[:, 2, 2, 0]
    above = nn.RandomRotation(20, "constant")(x, random_state=0)[:, 0, 2, 0]
    assert np.mean(below > 0) == pytest.approx(0.5, abs=0.03)
    assert np.all((below > 0) != (above > 0))
    sine, cosine = np.sin(np.deg2rad(20)), np.cos(np.deg2rad(20))
    most = (1 - cosine + sine) * (2 - sine - cosine)  # weights of the row and the column
    assert 0.95 * most < above.max() <= most


@pytest.mark.parametrize(("mode", "directions"), [
    ("horizontal", [slice(None), (slice(None), slice(None, None, -1))]),
    ("vertical", [slice(None), slice(None, None, -1)]),
    (
        "horizontal_and_vertical",
        [
            slice(None),
            slice(None, None, -1),
            (slice(None), slice(None, None, -1)),
            (slice(None, None, -1), slice(None, None, -1)),
        ],
    ),
])  # fmt: skip
def test_flips_are_as_frequent_as_each_other(mode, directions):
    x = np.repeat(images(1, (3, 4, 2)), 2000, axis=0)
    flipped = nn.RandomFlip(mode)(x, random_state=1)
    shares = [np.mean([np.array_equal(f, x[0][d]) for f in flipped]) for d in directions]
    assert sum(shares) == pytest.approx(1)
    np.testing.assert_allclose(shares, 1 / len(directions), atol=0.04)


@pytest.mark.parametrize(("mode", "_", "numpy_mode"), MODES)
def test_crops_are_windows_of_padded_images(mode, _, numpy_mode):
    x = np.repeat(images(1, (5, 6, 2)), 400, axis=0)
    options = {"constant_values": 0.5} if mode == "constant" else {}
    padded = np.pad(x[0], ((2, 2), (2, 2), (0, 0)), numpy_mode, **options)
    windows = {padded[i : i + 5, j : j + 6].tobytes() for i in range(5) for j in range(5)}
    cropped = nn.RandomCrop(2, mode, 0.5)(x, random_state=0)
    assert {image.tobytes() for image in cropped} == windows


def test_noise_is_normal_and_of_each_value():
    x = images(40, (9, 9, 3))
    noise = (nn.GaussianNoise(0.3)(x, random_state=0) - x).ravel()
    assert stats.kstest(noise / 0.3, "norm").pvalue > 0.01
    rows = noise.reshape(40, -1)
    assert np.abs(np.corrcoef(rows) - np.eye(40)).max() < 0.3
    assert np.array_equal(nn.GaussianNoise(0.0)(x), x)


def test_a_call_is_drawn_from_its_random_state():
    x = images(20)
    for one in [*IMAGES_ALONE, nn.GaussianNoise(0.1)]:
        assert np.array_equal(one(x, 3), one(x, 3))
        assert not np.array_equal(one(x, 3), one(x, 4))
        assert one(x.astype(np.float32)).dtype == np.float32
        assert pickle.loads(pickle.dumps(one)) == one


# ---- in a fit ----


class Seen:
    """A function of augment that changes nothing and keeps what comes by."""

    def __init__(self):
        self.batches = []

    def __call__(self, x, generator):
        self.batches.append(x.copy())
        return x


def network(shape=(8, 8, 1), dtype="float64", n_threads=1, random_state=0):
    layers = [nn.Flatten(input_shape=shape), nn.Dense(6, "tanh"), nn.Dense(3, "softmax")]
    model = nn.Sequential(layers, random_state=random_state, dtype=dtype, n_threads=n_threads)
    model.compile(
        nn.SGD(learning_rate=0.1), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def problem(n=60, shape=(8, 8, 1)):
    return images(n, shape), np.arange(n) % 3


ALL = [*IMAGES_ALONE, nn.GaussianNoise(0.05)]


@pytest.mark.parametrize("augment", [[one] for one in ALL] + [ALL], ids=str)
def test_a_network_learns_from_what_is_done_with_the_labels_as_they_were(augment):
    x, y = problem()
    seen, model = Seen(), network()
    model.fit(x, y, 16, 3, verbose=0, shuffle=False, augment=[*augment, seen])
    epochs = np.concatenate(seen.batches).reshape(3, *x.shape)
    assert not np.array_equal(epochs[0], x)
    assert not np.array_equal(epochs[0], epochs[1])
    other = network()
    for epoch in epochs:
        other.fit(epoch, y, 16, 1, verbose=0, shuffle=False)
    for own, expected in zip(model.get_weights(), other.get_weights(), strict=True):
        assert np.array_equal(own, expected)


def test_steps_of_a_fit_are_those_of_calls_with_given_numbers():
    x, y = problem()
    turn, shift = nn.RandomRotation((20, 20)), nn.RandomTranslation((0.2, 0.2), (-0.1, -0.1))
    seen = Seen()
    network().fit(x, y, 60, 1, verbose=0, shuffle=False, augment=(turn, shift, seen))
    assert np.array_equal(seen.batches[0], shift(turn(x)))


def noise_of_samples(**options):
    """What is added to each sample in two epochs, by the sample's number."""
    x = np.repeat(np.arange(50.0)[:, np.newaxis], 4, axis=1)
    seen = Seen()
    model = nn.Sequential([nn.Dense(2)], random_state=1, dtype="float64")
    model.compile("sgd", "squared_error")
    options = {"batch_size": 8, "shuffle": True} | options
    model.fit(
        x, np.zeros((50, 2)), epochs=2, verbose=0, augment=[nn.GaussianNoise(0.01), seen], **options
    )
    rows = np.concatenate(seen.batches).reshape(2, 50, 4)
    noise = np.empty_like(rows)
    for epoch in range(2):
        numbers = rows[epoch].round().astype(int)[:, 0]
        noise[epoch, numbers] = rows[epoch] - numbers[:, np.newaxis]
    return noise


def test_a_sample_is_changed_alike_whatever_its_batch():
    first = noise_of_samples()
    for options in ({"shuffle": False}, {"batch_size": 50}, {"batch_size": 7}):
        np.testing.assert_allclose(noise_of_samples(**options), first, rtol=0, atol=1e-13)
    assert np.abs(first[0] - first[1]).max() > 0.01


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_augmentation_of_a_list_draws_for_itself(dtype):
    x, y = problem()
    one, two = Seen(), Seen()
    network(dtype=dtype).fit(
        x, y, 60, 1, verbose=0, shuffle=False,
        augment=[nn.GaussianNoise(1.0), one, nn.GaussianNoise(1.0), two],
    )  # fmt: skip
    noise = one.batches[0] - x, two.batches[0] - one.batches[0]
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bits_do_not_depend_on_threads(dtype):
    x, y = problem(256, (16, 16, 1))
    for augment in ([one] for one in ALL):
        fits = []
        for n_threads in (1, 4):
            model = network((16, 16, 1), dtype, n_threads)
            model.fit(x, y, 128, 2, verbose=0, augment=augment)
            fits.append(model.get_weights())
        for one, four in zip(*fits, strict=True):
            assert np.array_equal(one, four)


def test_fits_with_the_same_random_state_are_the_same_and_a_second_fit_is_another():
    x, y = problem()
    weights, seen = [], Seen()
    for random_state in (0, 0, 1):
        model = network(random_state=random_state)
        model.set_weights(network().get_weights())
        model.fit(x, y, 60, 1, verbose=0, shuffle=False, augment=[nn.RandomRotation(90), seen])
        weights.append(model.get_weights()[0])
    assert np.array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])
    model.fit(x, y, 60, 1, verbose=0, shuffle=False, augment=[nn.RandomRotation(90), seen])
    assert not np.array_equal(seen.batches[2], seen.batches[3])


def test_predictions_and_validation_are_of_the_samples_as_they_are():
    x, y = problem()
    before = x.copy()
    model = network()
    history = model.fit(
        x[:40],
        y[:40],
        validation_data=(x[40:], y[40:]),
        epochs=3,
        verbose=0,
        augment=[nn.RandomRotation(180), nn.GaussianNoise(3.0)],
    ).history
    assert np.array_equal(x, before)
    loss, accuracy = model.evaluate(x[40:], y[40:])
    outputs = model.predict(x[40:])
    assert history["val_loss"][-1] == pytest.approx(loss, rel=1e-12)
    assert history["val_accuracy"][-1] == accuracy
    assert loss == pytest.approx(-np.log(outputs[np.arange(20), y[40:]]).mean(), rel=1e-9)
    w = model.get_weights()
    z = np.tanh(x[40:].reshape(20, -1) @ w[0] + w[1]) @ w[2] + w[3]
    np.testing.assert_allclose(outputs, np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), rtol=1e-9)


def test_a_function_draws_from_a_generator_of_its_own():
    x, y = problem()
    drawn = []

    def noisy(x, generator):
        drawn.append(generator.normal())
        return x + generator.normal(scale=0.01, size=x.shape)

    fits = []
    for _ in range(2):
        model = network()
        model.fit(x, y, 20, 2, verbose=0, augment=[noisy, noisy])
        fits.append(model.get_weights()[0])
    assert np.array_equal(*fits)
    assert len(set(drawn[:12])) == 12
    assert drawn[:12] == drawn[12:]
    by_itself = network()
    by_itself.fit(x, y, 20, 2, verbose=0, augment=noisy)
    assert not np.array_equal(by_itself.get_weights()[0], fits[0])


def test_a_function_gets_the_networks_type_and_shape():
    x, y = problem()

    def check(x, generator):
        assert x.dtype == np.float32
        assert x.shape in ((32, 8, 8, 1), (28, 8, 8, 1))
        return x.tolist()

    network(dtype="float32").fit(x.reshape(60, -1), y, verbose=0, augment=check)


def test_a_network_of_rows_takes_noise_and_functions():
    x, y = np.random.RandomState(0).normal(size=(30, 5)), np.arange(30) % 3
    layers = [nn.Dense(3, "softmax")]
    for augment in (nn.GaussianNoise(0.1), lambda x, generator: x[:, ::-1]):
        model = nn.Sequential(layers, random_state=0)
        model.compile(loss="sparse_categorical_crossentropy")
        model.fit(x, y, verbose=0, augment=augment)
        plain = nn.Sequential(layers, random_state=0)
        plain.compile(loss="sparse_categorical_crossentropy")
        plain.fit(x, y, verbose=0)
        assert not np.array_equal(model.get_weights()[0], plain.get_weights()[0])


@pytest.mark.parametrize("one", IMAGES_ALONE, ids=lambda one: type(one).__name__)
def test_only_images_are_moved(one):
    model = nn.Sequential([nn.Dense(3, "softmax", input_shape=(5,))])
    model.compile(loss="sparse_categorical_crossentropy")
    name = type(one).__name__
    expected = rf"{name} is for images, shape \(height, width, channels\). The samples .* \(5,\)"
    with pytest.raises(ValueError, match=expected):
        model.fit(np.ones((4, 5)), [0, 1, 2, 0], verbose=0, augment=one)
    with pytest.raises(ValueError, match=expected):
        one(np.ones((4, 5)))


@pytest.mark.parametrize(
    ("augment", "error", "message"),
    [
        (3, TypeError, r"augment takes augmentations of skarma.nn, as nn.RandomFlip\(\)"),
        ([nn.RandomFlip], TypeError, "augment takes augmentations"),
        (nn.RandomFlip("diagonal"), ValueError, "mode must be one of 'horizontal_and_vertical'"),
        (nn.RandomFlip(None), ValueError, "mode must be one of"),
        (nn.RandomTranslation(1.5), ValueError, r"height_factor must be in the range \[-1, 1\]"),
        (nn.RandomTranslation(0.1, -0.1), ValueError, "width_factor must be at least 0, or a pair"),
        (nn.RandomTranslation((0.2, 0.1)), ValueError, "height_factor must go from a lower to an"),
        (nn.RandomTranslation("x"), ValueError, "height_factor must be a number"),
        (nn.RandomTranslation(np.nan), ValueError, "height_factor must be at least 0"),
        (nn.RandomTranslation((np.nan, 0)), ValueError, "height_factor must be in the range"),
        (nn.RandomRotation(400), ValueError, r"degrees must be in the range \[-360, 360\]"),
        (nn.RandomRotation(10, "mirror"), ValueError, "fill_mode must be one of 'constant', 'near"),
        (nn.RandomRotation(10, 3), ValueError, "fill_mode must be a str"),
        (nn.RandomRotation(10, "constant", np.inf), ValueError, "fill_value must be finite"),
        (nn.RandomCrop(0), ValueError, "padding must be an int of at least 1"),
        (nn.RandomCrop(2**16 + 1), ValueError, "padding must be an int of at most 65536. Got"),
        (nn.RandomCrop(10**30), ValueError, "padding must be an int of at most 65536. Got"),
        (nn.GaussianNoise(-1), ValueError, r"stddev must be in the range \[0, inf\)"),
        (lambda x, generator: x[:2], ValueError, r"must return samples of the shape \(32, 8, 8, 1"),
        (lambda x, generator: x * np.nan, ValueError, "returned samples with NaN or infinities"),
        (lambda x, generator: None, ValueError, "augment must return samples"),
        (lambda x, generator: 1 / 0, ZeroDivisionError, "division by zero"),
    ],
)
def test_what_is_refused(augment, error, message):
    x, y = problem()
    model = network()
    before = model.get_weights()
    with pytest.raises(error, match=message):
        model.fit(x, y, verbose=0, augment=augment)
    assert all(map(np.array_equal, model.get_weights(), before))
    model.fit(x, y, verbose=0)


@pytest.mark.parametrize(
    ("augment", "message"),
    [
        (lambda x, generator: x.astype(float) + 1e300, "samples with NaN or infinities of float32"),
        (nn.RandomRotation(10, "constant", 1e300), "fill_value must be a number of float32"),
        (nn.GaussianNoise(1e300), r"stddev must be a number of float32. Got 1e\+300"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_numbers_beyond_float32(augment, message):
    x, y = problem()
    model = network(dtype="float32")
    with pytest.raises(ValueError, match=message):
        model.fit(x, y, augment=augment, verbose=0)


def test_an_estimator_augments_too():
    x, y = problem()

    def build():
        return network()

    classifier = nn.Classifier(build, epochs=2, augment=[nn.RandomRotation(30)])
    assert clone(classifier).get_params()["augment"] == [nn.RandomRotation(30)]
    model = network()
    model.fit(x, y, epochs=2, verbose=0, augment=[nn.RandomRotation(30)])
    fitted = classifier.fit(x, y)
    assert np.array_equal(fitted.model_.get_weights()[0], model.get_weights()[0])
    grid = {"augment": [None, nn.RandomFlip(), [nn.RandomFlip(), nn.GaussianNoise(0.1)]]}
    search = GridSearchCV(nn.Classifier(build, epochs=2), grid, cv=3, error_score="raise")
    scores = search.fit(x, y).cv_results_["mean_test_score"]
    assert len(scores) == 3
