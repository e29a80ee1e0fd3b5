#pragma once

#include <string>

#include <gtest/gtest.h>

namespace skarma::test {

/// The text of the exception of type E that `action` throws; fails the test if it throws none.
template <class E, class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const E& e) {
    return e.what();
  }
  ADD_FAILURE() << "nothing of the expected type was thrown";
  return "";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace skarma::test

/// `action` throws `Type` with a message that contains `part`.
#define EXPECT_THROW_WITH(action, Type, part)                                           \
  do {                                                                                  \
    const std::string skarma_message = skarma::test::message_of<Type>([&] { action; }); \
    EXPECT_TRUE(skarma::test::contains(skarma_message, part)) << skarma_message;        \
  } while (false)
