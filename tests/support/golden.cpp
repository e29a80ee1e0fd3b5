#include <skarma/tests/support/golden.hpp>

#include <fstream>
#include <map>
#include <stdexcept>

namespace skarma::test {

const Json& golden(const std::string& name) {
  static std::map<std::string, Json> files;
  const auto [file, is_new] = files.try_emplace(name);
  if (is_new) {
    const std::string path = SKARMA_GOLDEN_DIR "/" + name + ".json";
    std::ifstream stream(path);
    if (!stream) throw std::runtime_error("cannot read " + path);
    file->second = Json::parse(stream);
  }
  return file->second;
}

const Json& golden_case(const std::string& file, const std::string& name) {
  for (const Json& one : golden(file).at("cases")) {
    if (one.at("name") == name) return one;
  }
  throw std::runtime_error(file + ".json has no case " + name);
}

std::vector<std::string> golden_case_names(const std::string& file) {
  std::vector<std::string> names;
  for (const Json& one : golden(file).at("cases")) names.push_back(one.at("name"));
  return names;
}

double number(const Json& value) {
  return value.is_string() ? std::stod(value.get<std::string>()) : value.get<double>();
}

std::vector<double> numbers(const Json& nested) {
  if (!nested.is_array()) return {number(nested)};
  std::vector<double> all;
  for (const Json& item : nested) {
    const auto own = numbers(item);
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

std::vector<int> ints(const Json& array) { return array.get<std::vector<int>>(); }

Matrix<double> matrix(const Json& rows) {
  const std::size_t cols = rows.empty() || !rows[0].is_array() ? 1 : rows[0].size();
  return {rows.size(), cols, numbers(rows)};
}

Matrix<float> rounded_to_float(const Matrix<double>& m) {
  Matrix<float> rounded(m.rows(), m.cols());
  for (std::size_t i = 0; i < m.rows(); ++i) {
    for (std::size_t j = 0; j < m.cols(); ++j) rounded(i, j) = static_cast<float>(m(i, j));
  }
  return rounded;
}

}  // namespace skarma::test
