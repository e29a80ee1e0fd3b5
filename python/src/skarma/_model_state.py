"""Everything that a native network holds, as plain Python values, and the way back.

The bytes of a model file are the format: JSON text and tensors by name (safetensors).
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

_DTYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "I64": np.dtype("<i8"),
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


def unpacked(model: Any) -> Any:
    """The text and the tensors of a fitted native network.

    Returns
    -------
    text : dict
        Names and settings, such as ``text["activation"]``.

    tensors : dict of str to ndarray
        Read-only arrays, such as ``tensors["coefs.0"]``.
    """
    data = model.__getstate__()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    text = json.loads(header.pop("__metadata__")["skarma"])["model"]
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        values = np.frombuffer(data[start + first : start + last], _DTYPES[entry["dtype"]])
        tensors[name.removeprefix("model.")] = values.reshape(entry["shape"])
    return text, tensors


def packed(kind: Any, text: str, tensors: Any) -> Any:
    """A native network of a class from what `unpacked` gives. Raises ValueError or RuntimeError for
    what does not fit together.
    """
    header, blocks, end = {}, [], 0
    for name, values in tensors.items():
        values = np.asarray(values)
        block = values.astype(values.dtype.newbyteorder("<"), order="C", copy=False).tobytes()
        header[f"model.{name}"] = {
            "dtype": _NAMES[values.dtype.newbyteorder("<")],
            "shape": list(values.shape),
            "data_offsets": [end, end + len(block)],
        }
        end += len(block)
        blocks.append(block)
    skarma = {"format_version": 2, "kind": kind.__name__, "model": text}
    header["__metadata__"] = {"skarma": json.dumps(skarma)}
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    return kind(b"".join([len(head).to_bytes(8, "little"), head, *blocks]))
