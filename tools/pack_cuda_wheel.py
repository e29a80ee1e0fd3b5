"""Packs libskarma_cuda.so as the wheel skarma-cuda, for tools/wheel.

pack_cuda_wheel.py LIBRARY NVCC FOLDER    the compiler that it was built with, where the wheel goes
"""

import platform
import re
import shutil
import subprocess
import sys
import tempfile
from glob import glob
from pathlib import Path

from wheel.wheelfile import WheelFile

ROOT = Path(__file__).parents[1]
#: The wheels that have the cuBLAS of a version of CUDA.
CUBLAS = {"12": "nvidia-cublas-cu12>=12,<13", "13": "nvidia-cublas>=13,<14"}
#: The licence text of fmt, whose headers are compiled into the library.
FMT = "/usr/share/doc/libfmt-dev/copyright"
#: Where toolkits have the licence text of CUDA's runtime, which is linked into it: NVIDIA's
#: installer, its packages for Debian, its wheels, Debian's own package.
CUDA_LICENSES = (
    "EULA.txt",
    "doc/EULA.txt",
    "/usr/share/doc/cuda-cudart-[0-9]*/copyright",
    "dist-info/nvidia_cuda_runtime-*/licenses/License.txt",
    "../../nvidia_cuda_runtime-*.dist-info/licenses/License.txt",
    "/usr/share/doc/nvidia-cuda-toolkit/copyright",
)

METADATA = """Metadata-Version: 2.4
Name: skarma-cuda
Version: {version}
Summary: NVIDIA GPUs for skarma: device='cuda'
License-Expression: BSD-3-Clause AND MIT AND LicenseRef-NVIDIA-Proprietary
{licenses}
Requires-Python: >=3.11
Requires-Dist: skarma=={version}
Requires-Dist: {cublas}
Classifier: Environment :: GPU :: NVIDIA CUDA
Classifier: Operating System :: POSIX :: Linux
"""
WHEEL = """Wheel-Version: 1.0
Generator: skarma tools/wheel
Root-Is-Purelib: false
Tag: {tag}
"""


def version():
    text = (ROOT / "CMakeLists.txt").read_text()
    return re.search(r"project\(skarma VERSION ([0-9.]+)", text).group(1)


def cuda_of(library):
    """The version of CUDA, by the cuBLAS that the library opens."""
    return re.search(rb"libcublasLt\.so\.(\d+)", library.read_bytes()).group(1).decode()


def toolkit_of(nvcc):
    """The folder of the toolkit, by nvcc's own word: it may be a script that calls another."""
    told = subprocess.run([nvcc, "--dryrun", "-c", "none.cu"], capture_output=True, text=True)
    top = re.search(r"^#\$ TOP=(.+)$", told.stderr, re.MULTILINE)
    if not top:
        raise SystemExit(f"{nvcc} does not say where its toolkit is: {told.stderr.strip()}")
    return Path(top.group(1))


def license_of_cuda(toolkit):
    found = [file for pattern in CUDA_LICENSES for file in sorted(glob(str(toolkit / pattern)))]
    if not found:
        raise SystemExit(f"The licence of CUDA's runtime is not in {toolkit}: {CUDA_LICENSES}.")
    return found[0]


def write_licenses(folder, toolkit):
    """Copy the licence texts; their names."""
    texts = {name: ROOT / name for name in ("LICENSE", "THIRD_PARTY.md")}
    texts |= {"fmt.txt": FMT, "CUDA.txt": license_of_cuda(toolkit)}
    folder.mkdir()
    for name, text in texts.items():
        shutil.copyfile(text, folder / name)
    return texts


def write_metadata(info, library, tag, licenses):
    fields = {"version": version(), "cublas": CUBLAS[cuda_of(library)]}
    fields["licenses"] = "\n".join(f"License-File: {name}" for name in licenses)
    (info / "METADATA").write_text(METADATA.format(**fields))
    (info / "WHEEL").write_text(WHEEL.format(tag=tag))


def pack(library, nvcc, target):
    name, tag = f"skarma_cuda-{version()}", f"py3-none-linux_{platform.machine()}"
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        package, info = Path(folder, "skarma"), Path(folder, f"{name}.dist-info")
        for made in (package, info):
            made.mkdir()
        shutil.copy(library, package)
        write_metadata(info, library, tag, write_licenses(info / "licenses", toolkit_of(nvcc)))
        with WheelFile(target / f"{name}-{tag}.whl", "w") as wheel:
            wheel.write_files(folder)


if __name__ == "__main__":
    pack(*map(Path, sys.argv[1:])) if len(sys.argv) == 4 else sys.exit(__doc__)
