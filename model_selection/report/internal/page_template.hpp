#pragma once

#include <string_view>

namespace skarma::internal {

/// search_report.html, in which SKARMA_REPORT_DATA stands for the data.
extern const std::string_view search_report_page;

}  // namespace skarma::internal
