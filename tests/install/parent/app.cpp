#include <cstdio>

double accuracy_on_flowers();

int main() {
  const double accuracy = accuracy_on_flowers();
  std::printf("accuracy on flowers: %.3f\n", accuracy);
  return accuracy > 0.9 ? 0 : 1;
}
