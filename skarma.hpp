#pragma once

// Everything of skarma in one include.
#include <skarma/core/base/errors.hpp>
#include <skarma/core/base/matrix.hpp>
#include <skarma/core/base/matrix_view.hpp>
#include <skarma/core/base/random_state.hpp>
#include <skarma/datasets/embedded.hpp>
#include <skarma/datasets/make_moons.hpp>
#include <skarma/estimators/decomposition/pca.hpp>
#include <skarma/estimators/io/model_file.hpp>
#include <skarma/estimators/metrics/metrics.hpp>
#include <skarma/estimators/mlp/mlp_classifier.hpp>
#include <skarma/estimators/mlp/mlp_regressor.hpp>
#include <skarma/estimators/pipeline.hpp>
#include <skarma/estimators/preprocessing/max_abs_scaler.hpp>
#include <skarma/estimators/preprocessing/min_max_scaler.hpp>
#include <skarma/estimators/preprocessing/normalizer.hpp>
#include <skarma/estimators/preprocessing/robust_scaler.hpp>
#include <skarma/estimators/preprocessing/standard_scaler.hpp>
#include <skarma/estimators/preprocessing/transformer_kinds.hpp>
#include <skarma/model_selection/cross_validate.hpp>
#include <skarma/model_selection/grid_expression.hpp>
#include <skarma/model_selection/grid_search.hpp>
#include <skarma/model_selection/group_k_fold.hpp>
#include <skarma/model_selection/leave_one_out.hpp>
#include <skarma/model_selection/repeated_splitters.hpp>
#include <skarma/model_selection/splitters.hpp>
