#include <skarma/core/base/fit_control.hpp>

namespace skarma {

std::string to_string(StopReason reason) {
  switch (reason) {
    case StopReason::converged:
      return "converged";
    case StopReason::max_iter:
      return "max_iter";
    case StopReason::max_fun:
      return "max_fun";
    case StopReason::line_search_failed:
      return "line_search_failed";
    case StopReason::one_epoch:
      return "one_epoch";
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::callback:
      return "callback";
  }
  return "unknown";
}

}  // namespace skarma
