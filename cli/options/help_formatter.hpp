#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace skarma::cli {

/// CLI11's help with one column of flags and one of descriptions, wrapped at 96 columns.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
};

}  // namespace skarma::cli
