// SPDX-License-Identifier: Apache-2.0
// Texts to codes 1, 2, 3 ... in order of first appearance. Texts of up to 16 bytes are compared as two words
// that stand in the hash table itself.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "byte_scan.hpp"

namespace millrace {

// By the length of a text: which bytes of a word count that begins behind its first `skipped` bytes.
constexpr std::array<std::uint64_t, 17> text_masks(std::size_t skipped) {
  std::array<std::uint64_t, 17> masks{};
  for (std::size_t size = 0; size <= 16; ++size) {
    const auto bytes = size <= skipped ? 0 : size - skipped;
    masks[size] = bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * bytes) - 1;
  }
  return masks;
}

class TextDictionary {
 public:
  TextDictionary();

  // The labels, by code; labels()[0] is "". They may be swapped out when the dictionary is cleared next.
  std::vector<std::string>& labels() { return labels_; }
  const std::vector<std::string>& labels() const { return labels_; }
  void clear();

  // The code of a text, given a new one if it has none.
  std::int32_t code(std::string_view text) { return code_of(key_of(text), text); }
  // The same where 16 bytes from the text's beginning are readable.
  std::int32_t code_readable(std::string_view text) {
    return text.size() <= 16 ? code_of(short_key(text), text) : code(text);
  }
  // 0 if it has none.
  std::int32_t find(std::string_view text) const { return find_key(key_of(text), text); }
  std::int32_t find_readable(std::string_view text) const {
    return text.size() <= 16 ? find_key(short_key(text), text) : find(text);
  }
  // Takes the newest text out again.
  void drop_newest();

 private:
  struct Key {
    std::uint64_t first, second;
    std::uint64_t hash() const { return (first ^ second * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u; }
  };
  struct Entry {
    Key key{};
    std::uint32_t size = 0;
    std::int32_t code = 0;
    std::uint64_t epoch = 0;  // in use if it is that of the dictionary
  };

  static Key short_key(std::string_view text) {
    static constexpr auto low = text_masks(0);
    static constexpr auto high = text_masks(8);
    return {load8(text.data()) & low[text.size()], load8(text.data() + 8) & high[text.size()]};
  }
  static Key medium_key(std::string_view text);
  static Key key_of(std::string_view text);

  std::int32_t code_of(const Key& key, std::string_view text) {
    const auto place = place_of(key, text);
    return entries_[place].epoch == epoch_ ? entries_[place].code : add(place, key, text);
  }
  std::int32_t find_key(const Key& key, std::string_view text) const {
    const auto& entry = entries_[place_of(key, text)];
    return entry.epoch == epoch_ ? entry.code : 0;
  }
  // Where the text stands, or would.
  std::size_t place_of(const Key& key, std::string_view text) const {
    for (auto place = key.hash() >> shift_;; place = (place + 1) & (entries_.size() - 1)) {
      const auto& entry = entries_[place];
      if (entry.epoch != epoch_ || is(entry, key, text)) return place;
    }
  }
  bool is(const Entry& entry, const Key& key, std::string_view text) const {
    if (entry.key.first != key.first || entry.key.second != key.second || entry.size != text.size())
      return false;
    return text.size() <= 16 || labels_[static_cast<std::size_t>(entry.code)] == text;
  }
  std::int32_t add(std::size_t place, const Key& key, std::string_view text);
  void grow();

  std::vector<Entry> entries_;
  unsigned shift_;
  std::uint64_t epoch_ = 1;
  std::vector<std::string> labels_{std::string()};
};

}  // namespace millrace
