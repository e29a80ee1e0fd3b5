#include <skarma/skarma.hpp>

double accuracy_on_flowers() {
  const skarma::Dataset iris = skarma::load_dataset("iris");
  skarma::MLPClassifier model({.hidden_layer_sizes = {4}, .solver = "lbfgs", .random_state = 1});
  return model.fit(iris.x, iris.y).score(iris.x, iris.y);
}
