#include <skarma/core/engine/stop_description.hpp>

#include <gtest/gtest.h>

namespace skarma {
namespace {

void count(void* listener) { ++*static_cast<int*>(listener); }

TEST(StopDescription, IsNoneWhereNobodyCanAsk) {
  const std::stop_token nobody;
  EXPECT_EQ(StopDescription(nobody).stop(), nullptr);
}

TEST(StopDescription, TellsOnceAndOnlyThoseWhoListen) {
  std::stop_source source;
  const std::stop_token token = source.get_token();
  const StopDescription described(token);
  const skarma_stop& stop = *described.stop();
  int n_gone = 0, n_there = 0, n_late = 0;
  void* const gone = stop.subscribe(stop.context, count, &n_gone);
  void* const there = stop.subscribe(stop.context, count, &n_there);
  ASSERT_NE(gone, nullptr);
  stop.unsubscribe(gone);
  EXPECT_EQ(n_there, 0);
  source.request_stop();
  void* const late = stop.subscribe(stop.context, count, &n_late);
  stop.unsubscribe(there);
  stop.unsubscribe(late);
  EXPECT_EQ(n_gone, 0);
  EXPECT_EQ(n_there, 1);
  EXPECT_EQ(n_late, 1);
}

}  // namespace
}  // namespace skarma
