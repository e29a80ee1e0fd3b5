"""Who takes part: skarma's devices, and the libraries that are installed."""

import importlib.util
from dataclasses import dataclass

from skarma_on_device import SkarmaWorks

PEERS = ("torch", "torch, graph", "torch.compile", "jax")


@dataclass(frozen=True)
class Contender:
    """`works` has fit(workload) and search(workload), which return what is to be timed.

    Who warms up is slower in a first run.
    """

    works: object
    warms_up: bool = True


def package_of(peer):
    return peer.split(",")[0].split(".")[0]


def made(peer, on_gpu):
    """A peer; its package is imported here and not before."""
    if package_of(peer) == "jax":
        from jax_on_device import JaxWorks

        return Contender(JaxWorks())
    from torch_on_device import TorchWorks

    device = "cuda" if on_gpu else "cpu"
    return Contender(TorchWorks(device, peer))


def all_contenders(device, peers):
    """The processor and the device first, then the peers that can be imported."""
    found = {
        f"skarma {name}": Contender(SkarmaWorks(name), name != "cpu") for name in ("cpu", device)
    }
    on_gpu = device != "cuda-host"
    for peer in peers:
        if not on_gpu and peer == "torch, graph":
            continue
        if importlib.util.find_spec(package_of(peer)):
            found[peer] = made(peer, on_gpu)
    return found


def taking_part(contenders, workload):
    """Where the processor has one thread, skarma is compared with itself alone."""
    if not workload.one_thread:
        return contenders
    return {name: one for name, one in contenders.items() if name.startswith("skarma")}
