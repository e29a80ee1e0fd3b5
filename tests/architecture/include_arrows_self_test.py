"""Plants violations in a temporary tree: include_arrows.py must name them, and nothing else."""

import tempfile
import unittest
from pathlib import Path

import include_arrows

ALLOWED = {
    "core/net/net.cpp": "#include <skarma/core/base/a.hpp>\n#include <map>\n",
    "core/base/arma_interop.hpp": "#include <armadillo>\n",
    "core/kernels/gemm.cpp": "#include <cblas.h>\nvoid f() { openblas_set_num_threads(1); }\n",
    "core/optim/lbfgs_direction.cpp": "#include <dlib/optimization.h>\n",
    "datasets/csv.cpp": "#include <skarma/core/base/a.hpp>\n",
    "estimators/mlp.hpp": "#include <skarma/core/net/n.hpp>\n#include <skarma/estimators/t.hpp>\n",
    "estimators/runtime.cpp": "#include <skarma/core/kernels/d.hpp>\n",
    "core/engine/plugin_library.cpp": "#include <dlfcn.h>\n#include <skarma/core/engine/a.h>\n",
    "gpu/serve.cpp": "#include <skarma/core/engine/e.hpp>\n#include <skarma/core/net/n.hpp>\n",
    "model_selection/s.cpp": "#include <skarma/estimators/e.hpp>\n",
    "model_selection/t.cpp": "#include <skarma/core/net/m.hpp>\n",
    "cli/main.cpp": "#include <CLI/CLI.hpp>\n#include <skarma/skarma.hpp>\n",
    "cli/search.cpp": "#include <skarma/model_selection/s.hpp>\n",
    "cli/app.cpp": "#include <skarma/cli/options/o.hpp>\n#include <skarma/cli/wording.hpp>\n",
    "cli/commands/c.cpp": "#include <skarma/cli/command.hpp>\n#include <skarma/cli/output/o.hpp>\n",
    "cli/options/o.hpp": "#include <skarma/cli/input/i.hpp>\n#include <skarma/cli/signals.hpp>\n",
    "cli/input/i.hpp": "#include <skarma/cli/wording.hpp>\n#include <skarma/estimators/t.hpp>\n",
    "core/base/talk.cpp": "// #include <skarma/cli/m.hpp>\n/*\n#include <armadillo>\n#if CUDA */\n",
    "core/cpu/engine.cpp": "#include <skarma/core/engine/e.hpp>\n",
    "core/kernels/table.hpp": "#include <skarma/core/net/functions.hpp>\n",
    "core/engine/registry.cpp": "#include <skarma/core/cpu/e.hpp>\n",
    "core/base/text.cpp": 'const char* s = "/*";\n',
    "skarma.hpp": "#include <skarma/estimators/mlp.hpp>\n",
    "tests/core/any_test.cpp": "#include <cblas.h>\n#include <skarma/cli/main.hpp>\n",
}

FORBIDDEN = {
    "core/net/a.cpp": ("\n#include <skarma/estimators/mlp.hpp>\n", 2),
    "core/net/b.cpp": ("#include <skarma/datasets/d.hpp>\n", 1),
    "core/net/c.hpp": ("#pragma once\n#include <armadillo>\n", 2),
    "core/net/l.cpp": ("#include <armadillo>\n", 1),
    "core/net/d.cpp": ("/* two\nlines */\n#  include  <cblas.h>\n", 3),
    "core/net/e.cpp": ("void f() {\n  openblas_set_num_threads(1);\n}\n", 2),
    "core/net/f.hpp": ("#ifdef SKARMA_WITH_CUDA\n#endif\n", 1),
    "core/net/g.cpp": ("#include <cuda_runtime.h>\n", 1),
    "core/net/h.cpp": ('#include "h.hpp"\n', 1),
    "core/net/i.cpp": ("#include <skarma/core_of_another_kind/i.hpp>\n", 1),
    "core/net/j.cpp": ("#include <skarma/skarma.hpp>\n", 1),
    "core/net/k.cpp": ("#include <core/base/a.hpp>\n", 1),
    "core/net/m.cpp": ("#include <skarma/core/kernels/dispatch.hpp>\n", 1),
    "core/kernels/a.cpp": ("#include <skarma/core/net/activation.hpp>\n", 1),
    "core/engine/a.cpp": ("#include <skarma/core/cpu/e.hpp>\n", 1),
    "core/base/a.cpp": ("#include <skarma/core/parallel/t.hpp>\n", 1),
    "core/cpu/a.cpp": ("#include <skarma/core/train/t.hpp>\n", 1),
    "core/optim/lbfgs.cpp": ("#include <dlib/optimization.h>\n", 1),
    "datasets/a.cpp": ("#include <skarma/core/net/net.hpp>\n", 1),
    "datasets/b.cpp": ("#include <skarma/estimators/mlp.hpp>\n", 1),
    "estimators/a.cpp": ("#include <skarma/model_selection/s.hpp>\n", 1),
    "estimators/b.cpp": ("#include <skarma/datasets/d.hpp>\n", 1),
    "estimators/c.cpp": ("#include <armadillo>\n", 1),
    "estimators/d.cpp": ("#include <dlfcn.h>\n", 1),
    "core/engine/b.cpp": ("#include <skarma/gpu/serve.hpp>\n", 1),
    "core/engine/c.cpp": ("#include <dlfcn.h>\n", 1),
    "gpu/a.cpp": ("#include <skarma/core/cpu/e.hpp>\n", 1),
    "gpu/b.cpp": ("#include <skarma/estimators/mlp.hpp>\n", 1),
    "estimators/e.hpp": ("#include <CLI/CLI.hpp>\n", 1),
    "estimators/f.cpp": ("#include <skarma/core/cpu/predict.hpp>\n", 1),
    "model_selection/a.cpp": ("#include <skarma/cli/main.hpp>\n", 1),
    "model_selection/b.cpp": ("#include <skarma/gpu/engine.hpp>\n", 1),
    "model_selection/c.cpp": ("#include <skarma/tests/support/t.hpp>\n", 1),
    "cli/a.cpp": ("#include <skarma/python/bindings/b.hpp>\n", 1),
    "cli/b.cpp": ("#include <skarma/core/kernels/dispatch.hpp>\n", 1),
    "cli/options/a.cpp": ("#include <skarma/cli/commands/c.hpp>\n", 1),
    "cli/input/a.cpp": ("#include <skarma/cli/options/o.hpp>\n", 1),
    "cli/input/b.cpp": ("#include <skarma/cli/output/o.hpp>\n", 1),
    "cli/output/a.cpp": ("#include <skarma/cli/input/i.hpp>\n", 1),
    "cli/output/b.cpp": ("#include <skarma/cli/app.hpp>\n", 1),
    "cli/wording.hpp": ("#include <skarma/cli/options/o.hpp>\n", 1),
    "model_selection/d.cpp": ("#include <skarma/datasets/d.hpp>\n", 1),
    "python/bindings/a.cpp": ("#include <skarma/datasets/d.hpp>\n", 1),
}


def plant(root, files):
    for name, text in files.items():
        path = Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class IncludeArrows(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def test_what_is_allowed_passes(self):
        plant(self.root, ALLOWED)
        self.assertEqual(include_arrows.violations(self.root), [])

    def test_each_planted_violation_is_named_with_its_line(self):
        plant(self.root, ALLOWED | {"core/base/a.hpp": "#pragma once\n"})
        plant(self.root, {name: text for name, (text, _) in FORBIDDEN.items()})
        found = {
            line.rsplit(": ", 1)[0].split(": ")[0] for line in include_arrows.violations(self.root)
        }
        self.assertEqual(found, {f"{name}:{line}" for name, (_, line) in FORBIDDEN.items()})


if __name__ == "__main__":
    unittest.main()
