"""torch.compile as a peer: what is called for every batch goes through it."""

import torch
from peer_torch import Works

works = Works(torch.compile)
