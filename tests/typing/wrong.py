"""Mistakes that mypy has to find: each at its line, with the code behind `# E:`."""

import skarma
from skarma import MLPClassifier, MLPRegressor
from skarma.callbacks import Callback, CSVLogger, FitProgress, ModelCheckpoint
from skarma.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score

X, y = [[0.0], [1.0]], [0, 1]

MLPClassifier(solver="adma")  # E: arg-type
MLPClassifier(hidden_layers=(5,))  # E: call-arg
MLPClassifier(alpha="small")  # E: arg-type
MLPClassifier((5,), "relu", "adam")  # E: call-arg
MLPClassifier(quantile=0.5)  # E: call-arg
MLPRegressor(max_iter=1.5)  # E: arg-type
MLPRegressor(class_weight="balanced")  # E: call-arg
MLPClassifier(dtype="float16")  # E: arg-type

clf = MLPClassifier()
clf.fit(X)  # E: call-arg
clf.fit(X, y, x_val=X)  # E: call-arg
clf.fit(X, y, callbacks=CSVLogger("log.csv"))  # E: arg-type
clf.fit(X, y, callbacks=["log.csv"])  # E: list-item
clf.fit(None, y)  # E: arg-type
clf.partial_fit(X, y, n_epochs="2")  # E: arg-type
clf.coefs_.shape  # E: attr-defined
clf.loss_curve_.mean()  # E: attr-defined
n_right: int = clf.score(X, y)  # E: assignment
accuracy: str = clf.fit(X, y).history_["loss"]  # E: assignment
clf.history_.losses  # E: attr-defined
clf.summary().n_params  # E: attr-defined
clf.save(1)  # E: arg-type

ModelCheckpoint("best", monitor="accuracy")  # E: arg-type
CSVLogger("log.csv", True)  # E: call-arg


class Late(Callback):
    def on_epoch(self, fit: FitProgress, epoch: int) -> bool:  # E: override
        return fit.n_iter > epoch


def slow(fit: FitProgress) -> None:
    fit.lr = 0.1  # E: attr-defined
    fit.loss = 0.0  # E: misc
    fit.weights().coefs_  # E: attr-defined


GridSearchCV(clf)  # E: call-arg
GridSearchCV(clf, "alpha")  # E: arg-type
GridSearchCV(clf, {"alpha": [1.0]}, folds=3)  # E: call-arg
GridSearchCV(clf, {"alpha": [1.0]}, n_jobs="2")  # E: arg-type
GridSearchCV(clf, {"alpha": [1.0]}).fit(X, y).cv_results_.mean  # E: attr-defined
RandomizedSearchCV(clf, {"alpha": [1.0]}, n_candidates=3)  # E: call-arg
cross_val_score(clf, X, y, 3)  # E: call-arg
skarma.load()  # E: call-arg
skarma.save(clf)  # E: call-arg
skarma.neural_networks  # E: attr-defined
