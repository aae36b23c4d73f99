// SPDX-License-Identifier: Apache-2.0
#include "json_template.hpp"

#include "instant.hpp"
#include "json_values.hpp"

namespace millrace {
namespace {

// Rows whose keys are data (new ones all the time) must not make the template grow without end.
constexpr std::size_t most_unknown_slots = 64;
constexpr int most_misfits = 8;

const char* skip_blanks(const char* place, const char* end) {
  while (place < end && (*place == ' ' || *place == '\t' || *place == '\r' || *place == '\n')) ++place;
  return place;
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

JsonTemplate::JsonTemplate(Schema schema, const NameIndex& names)
    : schema_(std::move(schema)), names_(names) {
  forget();
}

void JsonTemplate::forget() {
  slots_.clear();
  keys_.clear();
  absent_.clear();
  misfits_ = 0;
  for (std::uint32_t column = 0; column < schema_.columns.size(); ++column) absent_.push_back(column);
  slots_.resize(1);
  keys_.resize(1);
  set_end("}");
}

JsonTemplate::Slot JsonTemplate::slot_of(std::string_view prefix) {
  Slot slot{};
  std::copy_n(prefix.begin(), std::min(prefix.size(), sizeof slot.prefix), slot.prefix);
  slot.mask = prefix.size() >= 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << prefix.size()) - 1;
  slot.size = static_cast<std::uint32_t>(prefix.size());
  slot.column = -1;
  slot.opens = prefix.find('{') < prefix.find('"');
  slot.kind = Kind::unknown;
  return slot;
}

JsonTemplate::Kind JsonTemplate::kind_of(const ColumnInfo& info) {
  switch (info.type) {
    case Type::float64:
      return Kind::float64;
    case Type::int64:
      return Kind::int64;
    case Type::time:
      return Kind::time;
    case Type::boolean:
      return Kind::boolean;
    case Type::text:
      break;
  }
  return info.encoding == TextEncoding::codes ? Kind::codes : Kind::fixed;
}

void JsonTemplate::attach(const BlockColumns& columns) {
  attached_ = columns.attached();
  for (auto& slot : slots_)
    if (slot.column >= 0) slot.f64 = columns[static_cast<std::size_t>(slot.column)].f64;
}

inline bool JsonTemplate::matches(const Slot& slot, const char* place, const char* end) const {
  if (slot.size <= 16) [[likely]]
    return agree16(place, slot.prefix, slot.mask);
  if (!agree32(place, slot.prefix, slot.mask)) return false;
  if (slot.size <= 32) return true;
  const auto& prefix = keys_[static_cast<std::size_t>(&slot - slots_.data())].prefix;
  return std::string_view(place, static_cast<std::size_t>(end - place)).starts_with(prefix);
}

// `place` is before the row's end whenever a slot is compared, so no read goes beyond the padding.
bool JsonTemplate::decode(std::string_view bytes, BlockColumns& columns, std::size_t at,
                          UnknownKeys& unknown) {
  const Row row{bytes.data(), bytes.data() + bytes.size(), columns, at};
  if (attached_ != columns.attached()) attach(columns);
  unknown_seen_.clear();
  const auto* place = row.begin;
  unsigned brackets = 0;
  for (const auto* slot = slots_.data(); place < row.end; ++slot) {
    if (!matches(*slot, place, row.end) && !find_slot(row, place, slot)) [[unlikely]]
      return false;
    const auto* value = place + slot->size;
    brackets += slot->opens;
    if (slot->kind == Kind::float64) [[likely]] {
      const auto* behind = read_double(value, row.end, slot->f64[at]);
      place = behind != nullptr ? behind : read_missing(*slot, value, row);
    } else if (slot->kind != Kind::end) {
      place = read(*slot, value, row);
    } else {
      return brackets == 1 && *skip_blanks(row.begin, row.end) == '{' &&
             (value == row.end || learn_end(row, place)) && finish(row, unknown);
    }
  }
  return false;
}

inline const char* JsonTemplate::read(const Slot& slot, const char* place, const Row& row) {
  const auto column = static_cast<std::size_t>(slot.column);
  const char* behind = nullptr;
  switch (slot.kind) {
    case Kind::codes:
    case Kind::fixed:
      behind = read_text(slot, place, row);
      break;
    case Kind::time:
      behind = read_time(slot, place, row);
      break;
    case Kind::int64: {
      std::int64_t value = 0;
      if ((behind = read_whole(place, row.end, value)) != nullptr)
        row.columns.set_whole(column, row.at, value);
      break;
    }
    case Kind::boolean: {
      bool value = false;
      if ((behind = read_boolean(place, value)) != nullptr) row.columns.set_boolean(column, row.at, value);
      break;
    }
    case Kind::unknown:
      unknown_seen_.push_back(static_cast<std::uint32_t>(&slot - slots_.data()));
      behind = read_any(place, row.end);
      break;
    case Kind::float64:
    case Kind::end:
      break;
  }
  return behind != nullptr ? behind : read_missing(slot, place, row);
}

inline const char* JsonTemplate::read_text(const Slot& slot, const char* place, const Row& row) const {
  const auto column = static_cast<std::size_t>(slot.column);
  std::string_view text;
  const auto* behind = read_plain_text(place, row.end, text);
  if (behind == nullptr) return nullptr;
  if (slot.kind == Kind::codes)
    row.columns.set_code(column, row.at, text);
  else if (!row.columns.set_fixed(column, row.at, text))
    return nullptr;
  return behind;
}

const char* JsonTemplate::read_time(const Slot& slot, const char* place, const Row& row) const {
  const auto column = static_cast<std::size_t>(slot.column);
  std::int64_t value = 0;
  std::string_view text;
  const char* behind = nullptr;
  if (*place != '"') {
    behind = read_whole(place, row.end, value);
  } else if ((behind = read_plain_text(place, row.end, text)) != nullptr &&
             parse_instant(text, row.columns[column].ticks, value) != InstantError::none) {
    return nullptr;
  }
  if (behind != nullptr) row.columns.set_whole(column, row.at, value);
  return behind;
}

const char* JsonTemplate::read_missing(const Slot& slot, const char* place, const Row& row) const {
  if (!is_null(place)) return row.end;
  if (slot.column >= 0) row.columns.set_missing(static_cast<std::size_t>(slot.column), row.at);
  return place + 4;
}

void JsonTemplate::set_missing(const Row& row, std::size_t from, std::size_t to) const {
  for (auto slot = from; slot < to; ++slot)
    if (slots_[slot].column >= 0)
      row.columns.set_missing(static_cast<std::size_t>(slots_[slot].column), row.at);
}

bool JsonTemplate::finish(const Row& row, UnknownKeys& unknown) {
  for (const auto column : absent_) row.columns.set_missing(column, row.at);
  for (const auto slot : unknown_seen_) {
    auto& key = keys_[slot];
    if (key.named_in == unknown.generation)
      ++unknown.count;
    else
      unknown.add(key.key);
    key.named_in = unknown.generation;
  }
  misfits_ = 0;
  return true;
}

// The slot that `place` fits: a later one (the keys between are absent), the end, or a new one.
bool JsonTemplate::find_slot(const Row& row, const char* place, const Slot*& slot) {
  const auto index = static_cast<std::size_t>(slot - slots_.data());
  auto found = index + 1;
  while (found < slots_.size() && !matches(slots_[found], place, row.end)) ++found;
  if (found == slots_.size() && learn_end(row, place)) --found;
  if (found < slots_.size()) {
    set_missing(row, index, found);
  } else {
    if (!learn_key(row, place, index)) return false;
    attach(row.columns);
    found = index;
  }
  slot = slots_.data() + found;
  return true;
}

bool JsonTemplate::learn_end(const Row& row, const char* place) {
  const auto* brace = skip_blanks(place, row.end);
  if (place == row.begin || brace == row.end || *brace != '}') return false;
  if (skip_blanks(brace + 1, row.end) != row.end) return false;
  set_end(between(place, row.end));
  return true;
}

bool JsonTemplate::learn_key(const Row& row, const char* place, std::size_t slot) {
  const auto* mark = skip_blanks(place, row.end);
  if (mark == row.end || *mark != (place == row.begin ? '{' : ',')) return false;
  const auto* quote = skip_blanks(mark + 1, row.end);
  std::string_view key;
  if (quote == row.end) return false;
  const auto* colon = read_plain_text(quote, row.end, key);
  if (colon == nullptr) return false;
  colon = skip_blanks(colon, row.end);
  if (colon >= row.end || *colon != ':') return false;
  return insert_key(slot, between(place, skip_blanks(colon + 1, row.end)), key);
}

bool JsonTemplate::is_known(int column, std::string_view key) const {
  for (std::size_t slot = 0; slot + 1 < slots_.size(); ++slot)
    if (column >= 0 ? slots_[slot].column == column : keys_[slot].key == key) return true;
  return false;
}

bool JsonTemplate::insert_key(std::size_t slot, std::string_view prefix, std::string_view key) {
  const auto column = names_.find(key);
  if (is_known(column, key)) return refuse_order();
  if (slots_.size() > schema_.columns.size() + most_unknown_slots) return false;
  auto added = slot_of(prefix);
  if (column >= 0) {
    added.kind = kind_of(schema_.columns[static_cast<std::size_t>(column)]);
    added.column = column;
    std::erase(absent_, static_cast<std::uint32_t>(column));
  }
  const auto offset = static_cast<std::ptrdiff_t>(slot);
  slots_.insert(slots_.begin() + offset, added);
  keys_.insert(keys_.begin() + offset, SlotKey{std::string(prefix), std::string(key)});
  return true;
}

void JsonTemplate::set_end(std::string_view prefix) {
  auto end = slot_of(prefix);
  end.kind = Kind::end;
  slots_.back() = end;
  keys_.back() = SlotKey{std::string(prefix), {}};
}

bool JsonTemplate::refuse_order() {
  if (++misfits_ > most_misfits) forget();
  return false;
}

}  // namespace millrace
