"""What devices could do at most, by their makers' data sheets.

FP32 without tensor cores, in TFLOP/s, and memory bandwidth in GB/s. Sources, all of NVIDIA: "A100
Tensor Core GPU" data sheet (2021), "H100 Tensor Core GPU" and "H200 Tensor Core GPU" data sheets
(2024), "L4 Tensor Core GPU" data sheet (2023), "T4 Tensor Core GPU" data sheet (2019), "Ada GPU
Architecture" white paper (2023, RTX 4090).
"""

import re

#: The first pattern that a device's name matches.
PEAKS = [
    (r"A100.*PCIE-40|A100.*SXM4-40", 19.5, 1555),
    (r"A100.*PCIe.*80|A100 80GB PCIe", 19.5, 1935),
    (r"A100.*80GB", 19.5, 2039),
    (r"H200 NVL", 60.0, 4800),
    (r"H200", 67.0, 4800),
    (r"H100 PCIe", 51.0, 2000),
    (r"H100 NVL", 60.0, 3900),
    (r"H100", 67.0, 3350),
    (r"\bL4\b", 30.3, 300),
    (r"\bT4\b", 8.1, 320),
    (r"RTX 4090\b(?! D)", 82.6, 1008),
]


def peaks_of(name):
    """FLOP/s and bytes/s of a device by its name; None of one that is not in the table."""
    for pattern, tflops, gigabytes in PEAKS:
        if re.search(pattern, name):
            return tflops * 1e12, gigabytes * 1e9
    return None


def shares(workload, seconds, peaks):
    """The shares of both peaks that a run of so many seconds has used."""
    flops, bytes_a_second = peaks
    return workload.n_flops / seconds / flops, workload.n_bytes / seconds / bytes_a_second
