// SPDX-License-Identifier: Apache-2.0
// Bytes: a growable buffer whose resize() does not write zeros. Writer and Reader: little-endian fields in
// it, the form of everything that crosses a rank boundary or lies in the manifest.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace millrace {

static_assert(std::endian::native == std::endian::little,
              "byte formats are little-endian and written as they lie");

template <class T>
class DefaultInitAllocator : public std::allocator<T> {
 public:
  template <class U>
  struct rebind {
    using other = DefaultInitAllocator<U>;
  };
  template <class U, class... Args>
  void construct(U* place, Args&&... args) {
    if constexpr (sizeof...(Args) == 0)
      ::new (static_cast<void*>(place)) U;
    else
      ::new (static_cast<void*>(place)) U(std::forward<Args>(args)...);
  }
};

// Values that resize() leaves unwritten.
template <class T>
using RawVector = std::vector<T, DefaultInitAllocator<T>>;
using Bytes = RawVector<std::byte>;

// Appends to a Bytes that the caller owns.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  template <class T>
  requires std::is_trivially_copyable_v<T>
  void value(const T& value) { raw(&value, sizeof value); }
  void text(std::string_view text) {
    value(static_cast<std::uint32_t>(text.size()));
    raw(text.data(), text.size());
  }
  // A 64-bit count, padding up to a multiple of 8 bytes in the buffer, then the values.
  template <class T>
  void array(std::span<const T> values) {
    value(static_cast<std::uint64_t>(values.size()));
    out_.resize((out_.size() + 7) / 8 * 8, std::byte{0});
    raw(values.data(), values.size_bytes());
  }
  void raw(const void* data, std::size_t size) {
    if (size == 0) return;
    const auto old = out_.size();
    out_.resize(old + size);
    std::memcpy(out_.data() + old, data, size);
  }

 private:
  Bytes& out_;
};

// Reads what ByteWriter wrote. Reading past the end throws std::out_of_range: bytes from outside are never
// trusted.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> in) : in_(in) {}

  template <class T>
  requires std::is_trivially_copyable_v<T> T value() {
    T result;
    std::memcpy(&result, take(sizeof result), sizeof result);
    return result;
  }
  std::string_view text() {
    const auto size = value<std::uint32_t>();
    return {reinterpret_cast<const char*>(take(size)), size};
  }
  // A view into the input, which must be aligned to 8 bytes itself and outlive the view.
  template <class T>
  std::span<const T> array() {
    const auto count = value<std::uint64_t>();
    take((8 - at_ % 8) % 8);
    if (count > left() / sizeof(T)) fail();
    return {reinterpret_cast<const T*>(take(count * sizeof(T))), static_cast<std::size_t>(count)};
  }
  const std::byte* take(std::size_t size) {
    if (size > left()) fail();
    const auto* place = in_.data() + at_;
    at_ += size;
    return place;
  }
  std::size_t left() const { return in_.size() - at_; }
  std::size_t at() const { return at_; }

 private:
  [[noreturn]] static void fail();

  std::span<const std::byte> in_;
  std::size_t at_ = 0;
};

}  // namespace millrace
