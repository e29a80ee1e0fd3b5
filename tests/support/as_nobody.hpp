#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <exception>

#include <gtest/gtest.h>

namespace skarma::test {

/// Runs `action` in a child process; true if it returned true. Exceptions are printed.
template <class Action>
bool in_child(Action action) {
  const pid_t child = fork();
  if (child == 0) {
    bool good = false;
    try {
      good = action();
    } catch (const std::exception& error) {
      fprintf(stderr, "in the child: %s\n", error.what());
    }
    _exit(good ? 0 : 1);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// The same as an ordinary user, whom permissions bind.
template <class Action>
bool as_nobody(Action action) {
  return in_child([&] {
    constexpr int kNobody = 65534;
    if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) return false;
    return action();
  });
}

}  // namespace skarma::test
