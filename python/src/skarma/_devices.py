"""Whether the devices of a search are there, before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from skarma import _native
from skarma._base_mlp import BaseMLP


def _networks(estimator: Any) -> Any:
    """skarma's networks in an estimator, by the names that their parameters begin with."""
    parts = {"": estimator}
    if hasattr(estimator, "get_params") and not isinstance(estimator, (BaseMLP, type)):
        parts |= estimator.get_params()
    return {name: part for name, part in parts.items() if isinstance(part, BaseMLP)}


def _devices_of(networks: Any, candidate: dict[str, Any]) -> Iterator[Any]:
    """The devices that a candidate's networks are fitted on."""
    for name, network in networks.items():
        if name not in candidate:
            yield candidate.get(f"{name}__device" if name else "device", network.device)
    for part in candidate.values():
        if isinstance(part, BaseMLP):
            yield part.device


def require_devices(estimator: Any, candidates: Any = ({},)) -> None:
    """Raise DeviceError if a network of a candidate could not be fitted on its device.

    Parameters
    ----------
    estimator : estimator object
        A network, or what has networks among its parameters.

    candidates : iterable of dict
        Parameters that are set on the estimator.

    Raises
    ------
    DeviceError
        It says why, once for all fits.
    """
    networks = _networks(estimator)
    devices = {
        device
        for candidate in candidates
        for device in _devices_of(networks, candidate)
        if isinstance(device, str)
    }
    for device in sorted(devices):
        _native.require_device(device)
