// SPDX-License-Identifier: Apache-2.0
#include "text_dictionary.hpp"

#include <algorithm>
#include <functional>

namespace millrace {
namespace {

constexpr unsigned first_bits = 6;

}  // namespace

TextDictionary::TextDictionary() : entries_(std::size_t{1} << first_bits), shift_(64 - first_bits) {}

void TextDictionary::clear() {
  ++epoch_;
  labels_.resize(1);
  labels_[0].clear();
}

void TextDictionary::drop_newest() {
  const auto& label = labels_.back();
  entries_[place_of(key_of(label), label)].epoch = 0;
  labels_.pop_back();
}

// All of its bytes count, some of them twice.
TextDictionary::Key TextDictionary::medium_key(std::string_view text) {
  const auto* end = text.data() + text.size();
  const auto middle = load8(text.data() + 8), next = load8(end - 16), last = load8(end - 8);
  return {load8(text.data()), ((middle * 0x9E3779B97F4A7C15u ^ next) * 0xC2B2AE3D27D4EB4Fu) ^ last};
}

TextDictionary::Key TextDictionary::key_of(std::string_view text) {
  if (text.size() > 32) return {load8(text.data()), std::hash<std::string_view>()(text)};
  if (text.size() > 16) return medium_key(text);
  std::array<char, 16> padded{};
  std::copy(text.begin(), text.end(), padded.begin());
  return {load8(padded.data()), load8(padded.data() + 8)};
}

std::int32_t TextDictionary::add(std::size_t place, const Key& key, std::string_view text) {
  if (labels_.size() * 2 > entries_.size()) {
    grow();
    place = place_of(key, text);
  }
  const auto code = static_cast<std::int32_t>(labels_.size());
  labels_.emplace_back(text);
  entries_[place] = {key, static_cast<std::uint32_t>(text.size()), code, epoch_};
  return code;
}

void TextDictionary::grow() {
  auto old = std::move(entries_);
  entries_ = std::vector<Entry>(old.size() * 2);
  --shift_;
  std::erase_if(old, [this](const Entry& entry) { return entry.epoch != epoch_; });
  // By age, so that the newest one stands in nobody's way and can be taken out.
  std::sort(old.begin(), old.end(), [](const Entry& a, const Entry& b) { return a.code < b.code; });
  for (const auto& entry : old)
    entries_[place_of(entry.key, labels_[static_cast<std::size_t>(entry.code)])] = entry;
}

}  // namespace millrace
