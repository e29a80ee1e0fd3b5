#pragma once

namespace skarma::cli {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr int kInterrupted = 130;  // 128 + SIGINT
constexpr int kReaderGone = 141;   // 128 + SIGPIPE: as if the closed pipe had ended us

}  // namespace skarma::cli
