"""n_members: several networks whose outputs are averaged."""

import copy
import pickle

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import GridSearchCV as SklearnGridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

import skarma
from skarma.model_selection import GridSearchCV, cross_validate

X, Y = load_iris(return_X_y=True)
X = scale(X)
D, DY = load_diabetes(return_X_y=True)
D, DY = D[:150] * 20, DY[:150] / 100
MOST = np.iinfo(np.int32).max

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def classifier(**settings):
    common = {"hidden_layer_sizes": (6,), "max_iter": 8, "random_state": 0, "n_members": 3}
    return skarma.MLPClassifier(**common | settings)


def regressor(**settings):
    common = {"hidden_layer_sizes": (6,), "max_iter": 8, "random_state": 0, "n_members": 3}
    return skarma.MLPRegressor(**common | settings)


def seeds(random_state=0, n=3):
    """As scikit-learn's ensembles draw them."""
    generator = np.random.RandomState(random_state)
    return [int(generator.randint(MOST)) for _ in range(n)]


def numbers(network):
    return np.concatenate([a.ravel() for a in (*network.coefs_, *network.intercepts_)])


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"solver": "lbfgs"},
        {"solver": "sgd", "early_stopping": True, "dropout": 0.2, "batch_norm": True},
        {"dtype": "float32", "activation": ["tanh"]},
        {"device": "reference"},
        {"n_threads": 2, "l1": 0.1, "init": "he_normal"},
    ],
    ids=str,
)
def test_members_are_what_they_are_alone(settings):
    ensemble = classifier(**settings).fit(X, Y)
    assert len(ensemble.members_) == 3
    for member, seed in zip(ensemble.members_, seeds(), strict=True):
        assert member.get_params()["random_state"] == seed
        assert member.get_params()["n_members"] == 1
        alone = classifier(**settings, n_members=1).set_params(random_state=seed).fit(X, Y)
        np.testing.assert_array_equal(numbers(member), numbers(alone))
        np.testing.assert_array_equal(member.predict_proba(X), alone.predict_proba(X))
        assert member.n_iter_ == alone.n_iter_
        np.testing.assert_array_equal(member.history_["loss"], alone.history_["loss"])
        assert list(member.classes_) == [0, 1, 2]


def test_probabilities_and_outputs_are_means():
    ensemble = classifier().fit(X, Y)
    mean = np.mean([m.predict_proba(X) for m in ensemble.members_], axis=0)
    np.testing.assert_allclose(ensemble.predict_proba(X), mean, rtol=1e-13)
    np.testing.assert_array_equal(ensemble.predict(X), mean.argmax(axis=1))
    np.testing.assert_allclose(ensemble.predict_log_proba(X), np.log(mean), rtol=1e-12)
    assert ensemble.score(X, Y) == accuracy_score(Y, mean.argmax(axis=1))
    assert not np.array_equal(ensemble.members_[0].predict_proba(X), mean)

    ensemble = regressor().fit(D, DY)
    mean = np.mean([m.predict(D) for m in ensemble.members_], axis=0)
    np.testing.assert_allclose(ensemble.predict(D), mean, rtol=1e-13)
    np.testing.assert_allclose(ensemble.score(D, DY), r2_score(DY, mean), rtol=1e-12)
    several = regressor().fit(D, np.c_[DY, -DY])
    mean = np.mean([m.predict(D) for m in several.members_], axis=0)
    np.testing.assert_allclose(several.predict(D), mean, rtol=1e-13)


def test_an_ensemble_is_better_than_its_members_are():
    """By how they are scored: the squared error of a mean is at most the mean of the errors."""
    ensemble = regressor(max_iter=60, n_members=5, random_state=1).fit(D[::2], DY[::2])
    scores = [member.score(D[1::2], DY[1::2]) for member in ensemble.members_]
    assert ensemble.score(D[1::2], DY[1::2]) > np.mean(scores)


def test_quantiles_scores_and_two_classes():
    levels = [0.1, 0.5, 0.9]
    ensemble = regressor(loss="quantile", quantile=levels).fit(D, DY)
    mean = np.mean([m.predict(D) for m in ensemble.members_], axis=0)
    np.testing.assert_allclose(ensemble.predict(D), mean, rtol=1e-12)
    assert (np.diff(mean, axis=1) >= 0).all()
    hinge = classifier(loss="hinge").fit(X, Y)
    mean = np.mean([m.decision_function(X) for m in hinge.members_], axis=0)
    np.testing.assert_allclose(hinge.decision_function(X), mean, rtol=1e-12)
    np.testing.assert_array_equal(hinge.predict(X), mean.argmax(axis=1))
    two = classifier().fit(X, Y == 1)
    mean = np.mean([m.predict_proba(X) for m in two.members_], axis=0)
    np.testing.assert_allclose(two.predict_proba(X), mean, rtol=1e-12)
    labels = np.c_[Y == 0, Y > 0]
    many = classifier().fit(X, labels)
    mean = np.mean([m.predict_proba(X) for m in many.members_], axis=0)
    np.testing.assert_allclose(many.predict_proba(X), mean, rtol=1e-12)


@pytest.mark.parametrize("targets", [Y, Y == 1], ids=["three", "two"])
def test_logits_are_those_of_the_mean_and_can_be_calibrated(targets):
    ensemble = classifier(max_iter=60).fit(X[::2], targets[::2])
    proba, logits = ensemble.predict_proba(X), ensemble.logits(X)
    if targets is Y:
        np.testing.assert_allclose(np.exp(logits), proba, rtol=1e-12)
    else:
        np.testing.assert_allclose(1 / (1 + np.exp(-logits.ravel())), proba[:, 1], rtol=1e-12)
    ensemble.calibrate(X[1::2], targets[1::2])
    assert ensemble.temperature_ != 1
    cooled = ensemble.predict_proba(X)
    np.testing.assert_array_equal(cooled.argmax(axis=1), proba.argmax(axis=1))
    loss = [
        -np.log(p[np.arange(len(X)), targets.astype(int)])[1::2].mean() for p in (proba, cooled)
    ]
    assert loss[1] < loss[0]
    assert pickle.loads(pickle.dumps(ensemble)).temperature_ == ensemble.temperature_


def test_attributes_are_the_first_members():
    ensemble = classifier().fit(X, Y)
    first = ensemble.members_[0]
    np.testing.assert_array_equal(numbers(ensemble), numbers(first))
    assert ensemble.loss_ == first.loss_ and ensemble.loss_curve_ == first.loss_curve_
    np.testing.assert_array_equal(ensemble.history_["loss"], first.history_["loss"])
    summary = str(ensemble.summary())
    assert summary.splitlines()[:-1] == str(first.summary()).splitlines()
    line = summary.splitlines()[-1].split()
    assert line == ["3", "members", "153", "153"]  # of 51 each
    single = classifier(n_members=1).fit(X, Y)
    (only,) = single.members_
    np.testing.assert_array_equal(numbers(only), numbers(single))
    with pytest.raises(AttributeError, match="is not fitted"):
        classifier().members_  # noqa: B018


def test_any_member_that_has_not_converged_is_warned_of():
    settings = {"solver": "sgd", "early_stopping": True, "n_iter_no_change": 2, "n_members": 12}
    settings |= {"learning_rate_init": 0.2}
    for max_iter in range(5, 60):
        ensemble = classifier(max_iter=max_iter, **settings).fit(X, Y)
        ended = [m.n_iter_ < max_iter for m in ensemble.members_]
        if ended[0] and not all(ended):
            break
    with pytest.warns(UserWarning, match=rf"Maximum iterations \({max_iter}\) reached"):
        ensemble.fit(X, Y)


def test_generators_go_on():
    shared = np.random.RandomState(5)
    classifier(random_state=shared).fit(X, Y)
    expected = np.random.RandomState(5)
    for _ in range(3):
        expected.randint(MOST)
    assert shared.randint(1000) == expected.randint(1000)
    one, two = (classifier(random_state=None).fit(X, Y) for _ in range(2))
    assert not np.array_equal(numbers(one), numbers(two))


def test_copies_files_and_states_keep_all_members(tmp_path):
    for ensemble, samples, y in ((classifier(), X, Y), (regressor(dtype="float32"), D, DY)):
        ensemble.fit(samples, y)
        path = tmp_path / f"{type(ensemble).__name__}.safetensors"
        skarma.save(ensemble, path)
        for twin in (
            skarma.load(path),
            copy.deepcopy(ensemble),
            pickle.loads(pickle.dumps(ensemble)),
        ):
            np.testing.assert_array_equal(twin.predict(samples), ensemble.predict(samples))
            for ours, theirs in zip(twin.members_, ensemble.members_, strict=True):
                np.testing.assert_array_equal(numbers(ours), numbers(theirs))
                assert ours.get_params()["random_state"] == theirs.get_params()["random_state"]
        again = clone(ensemble).fit(samples, y)
        np.testing.assert_array_equal(again.predict(samples), ensemble.predict(samples))


def test_members_predict_train_and_are_saved_like_others(tmp_path):
    member = classifier().fit(X, Y).members_[1]
    skarma.save(member, tmp_path / "it.safetensors")
    np.testing.assert_array_equal(
        skarma.load(tmp_path / "it.safetensors").predict_proba(X), member.predict_proba(X)
    )
    alone = classifier(n_members=1).set_params(random_state=seeds()[1]).fit(X, Y)
    np.testing.assert_array_equal(
        numbers(member.partial_fit(X, Y)), numbers(alone.partial_fit(X, Y))
    )


def test_searches_and_pipelines_are_scikit_learns():
    grid = {"n_members": [1, 2, 4], "alpha": [1e-4, 1.0]}
    ours = GridSearchCV(classifier(), grid, cv=3, n_jobs=2).fit(X, Y)
    theirs = SklearnGridSearchCV(classifier(), grid, cv=3).fit(X, Y)
    assert ours.search_path_ == "native"
    scores = "mean_test_score"
    np.testing.assert_array_equal(ours.cv_results_[scores], theirs.cv_results_[scores])
    np.testing.assert_array_equal(ours.predict_proba(X), theirs.predict_proba(X))
    pipeline = make_pipeline(StandardScaler(), classifier())
    assert len(cross_validate(pipeline, X, Y, cv=3)["test_score"]) == 3
    assert GridSearchCV(pipeline, {"mlpclassifier__alpha": [1e-3]}, cv=2).fit(X, Y).best_score_ > 0


def test_other_types_and_forms_of_samples():
    ensemble = classifier().fit(X.astype(np.float32), Y)
    assert ensemble.predict_proba(X.astype(np.float32)).dtype == np.float32
    wide = ensemble.predict_proba(X)
    assert wide.dtype == np.float64
    mean = np.mean([m.predict_proba(X) for m in ensemble.members_], axis=0)
    np.testing.assert_allclose(wide, mean, rtol=1e-12)
    sparse = classifier().fit(csr_matrix(X), Y)
    dense = classifier().fit(X, Y)
    np.testing.assert_allclose(sparse.predict_proba(csr_matrix(X)), dense.predict_proba(X))


def test_integrated_gradients_are_means_and_complete():
    ensemble = classifier().fit(X, Y)
    labels = ensemble.predict(X)
    added = ensemble.integrated_gradients(X, labels, n_steps=200)
    mean = np.mean([m.integrated_gradients(X, labels, n_steps=200) for m in ensemble.members_], 0)
    np.testing.assert_allclose(added, mean, rtol=1e-9, atol=1e-12)


def test_callbacks_see_one_member_after_another():
    seen = []
    ensemble = classifier(max_iter=3).fit(X, Y, callbacks=[lambda fit: seen.append(fit.n_iter)])
    assert seen == [1, 2, 3] * 3
    np.testing.assert_array_equal(numbers(ensemble), numbers(classifier(max_iter=3).fit(X, Y)))


def test_validation_samples_are_every_members():
    ensemble = classifier().fit(X[::2], Y[::2], X_val=X[1::2], y_val=Y[1::2])
    for member in ensemble.members_:
        assert len(member.validation_loss_curve_) == 8


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"warm_start": True}, "must be 1 where warm_start is True. Got 3"),
        ({"n_init": 2}, "must be 1 where n_init is 2. Got 3"),
        (
            {"coefs_init": [np.zeros((4, 6)), np.zeros((6, 3))]},
            "must be 1 where coefs_init is given",
        ),
        ({"intercepts_init": [np.zeros(6), np.zeros(3)]}, "where intercepts_init is given"),
        ({"n_members": 0}, "must be an int in the range"),
        ({"n_members": 2.5}, "must be an int in the range"),
    ],
)
def test_what_makes_no_sense_is_refused(settings, message):
    with pytest.raises(ValueError, match="The 'n_members' parameter") as error:
        classifier(**settings).fit(X, Y)
    assert message in str(error.value)


def test_an_ensemble_does_not_go_on_training():
    with pytest.raises(ValueError, match="must be 1 for partial_fit, which trains one network"):
        classifier().partial_fit(X, Y, classes=[0, 1, 2])
    ensemble = classifier().fit(X, Y).set_params(n_members=1)
    with pytest.raises(ValueError, match="has 3 members and cannot go on training"):
        ensemble.partial_fit(X, Y)
    with pytest.raises(ValueError, match="has 3 members and cannot go on training"):
        ensemble.set_params(warm_start=True).fit(X, Y)
    assert len(ensemble.members_) == 3
    single = ensemble.set_params(warm_start=False).fit(X, Y)
    assert len(single.members_) == 1


def test_what_is_of_one_network_is_refused():
    ensemble = classifier().fit(X, Y)
    with pytest.raises(ValueError, match="input_gradient is of one network"):
        ensemble.input_gradient(X, Y)
    with pytest.raises(ValueError, match="an ensemble of n_members=3 is skarma's own"):
        ensemble.to_sklearn()
    ensemble.coefs_[0][0, 0] += 1
    with pytest.raises(ValueError, match="3 members, whose weights cannot be changed here"):
        ensemble.predict(X)


def test_scikit_learns_own_code_has_no_ensembles():
    class Changed(skarma.MLPClassifier):
        def _backprop(self, *arguments):
            return super()._backprop(*arguments)

    with pytest.raises(ValueError, match="n_members=3 is skarma's own"):
        Changed((6,), n_members=3).fit(X, Y)
