#include <skarma/cli/input/csv_reader.hpp>

#include <csv.h>

#include <algorithm>
#include <exception>
#include <string_view>

#include <fmt/format.h>

#include <skarma/cli/input/byte_source.hpp>
#include <skarma/cli/input/utf8.hpp>
#include <skarma/core/base/errors.hpp>

namespace skarma::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kBufferSize = 1 << 16;  // bytes; the first of them show the format

/// What libcsv passes over: nothing but white space that separates no cells.
bool is_blank(std::string_view line, char separator) {
  const std::string_view space = separator == '\t' ? " \r\n" : " \t\r\n";
  return line.find_first_not_of(space) == std::string_view::npos;
}

/// libcsv with the count of lines that it does not keep.
class Parser {
 public:
  Parser(const std::string& path, const CsvFormat& format,
         const std::function<void(CsvRecord)>& on_record)
      : path_(path), format_(format), on_record_(on_record) {
    if (csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
    csv_set_delim(&parser_, static_cast<unsigned char>(format.separator));
  }
  ~Parser() { csv_free(&parser_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  /// Takes one line of the file, with its end if it has one.
  void take(std::string_view line) {
    if (line_ <= format_.n_lines_above) {
      const bool has_names = line_ == format_.n_lines_above && format_.comment_is_header;
      line = has_names ? line.substr(1) : std::string_view();
    }
    const bool inside = record_line_ != 0;
    if (inside || !is_blank(line, format_.separator)) {
      if (!inside) record_line_ = line_;
      const auto n = csv_parse(&parser_, line.data(), line.size(), on_cell, on_end, this);
      if (n != line.size()) fail("a quote (\") stands in the middle of a cell");
      hand_over();
    }
    ++line_;
  }

  void finish() {
    if (csv_fini(&parser_, on_cell, on_end, this) != 0) {
      fail("a quote (\") is opened here and never closed");
    }
    hand_over();
  }

 private:
  // The callbacks of C code must not throw: what goes wrong is kept for hand_over().
  static void on_cell(void* text, std::size_t size, void* self) {
    static_cast<Parser*>(self)->keep(
        [&](Parser& p) { p.cells_.emplace_back(static_cast<const char*>(text), size); });
  }
  static void on_end(int, void* self) {
    static_cast<Parser*>(self)->keep([](Parser& p) {
      p.records_.push_back({p.record_line_, std::move(p.cells_)});
      p.cells_.clear();
    });
  }
  template <class Step>
  void keep(Step step) noexcept {
    try {
      step(*this);
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  void hand_over() {
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    if (records_.empty()) return;
    for (CsvRecord& record : records_) {
      check_text(record);
      on_record_(std::move(record));
    }
    records_.clear();
    record_line_ = 0;
  }

  void check_text(const CsvRecord& record) const {
    for (std::size_t c = 0; c < record.cells.size(); ++c) {
      const auto bad = find_not_utf8(record.cells[c]);
      if (!bad) continue;
      const auto byte = static_cast<unsigned char>(record.cells[c][*bad]);
      throw DataError(path_, record.line, c + 1,
                      fmt::format("byte 0x{:02X} is no UTF-8 text; save the file as UTF-8", byte));
    }
  }

  [[noreturn]] void fail(const char* problem) const {
    if (csv_error(const_cast<csv_parser*>(&parser_)) == CSV_ENOMEM) throw std::bad_alloc();
    throw DataError(path_, record_line_, cells_.size() + 1, problem);
  }

  const std::string& path_;
  const CsvFormat& format_;
  const std::function<void(CsvRecord)>& on_record_;
  csv_parser parser_{};
  std::size_t line_ = 1;
  std::size_t record_line_ = 0;  // where the unfinished record begins; 0 between records
  std::vector<std::string> cells_;
  std::vector<CsvRecord> records_;
  std::exception_ptr failure_;
};

}  // namespace

CsvFormat read_csv(const std::string& path, const std::function<void(CsvRecord)>& on_record) {
  ByteSource source(path);
  std::vector<char> buffer(kBufferSize);
  std::size_t n = source.read(buffer);
  std::string_view bytes(buffer.data(), n);
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  const CsvFormat format = format_of(path, bytes);
  Parser parser(path, format, on_record);
  std::string rest;  // the front of a line whose end is still to come
  while (n > 0) {
    for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      rest.append(bytes.substr(0, end + 1));
      parser.take(rest);
      rest.clear();
      bytes.remove_prefix(end + 1);
    }
    rest.append(bytes);
    n = source.read(buffer);
    bytes = {buffer.data(), n};
  }
  if (!rest.empty()) parser.take(rest);
  parser.finish();
  return format;
}

}  // namespace skarma::cli
