#include "plugin.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bytes.h"

namespace fxchain {

namespace {

// The bypass fades so long.
constexpr double kFadeSeconds = 0.02;
constexpr char kState[] = "fxchain-state-1";

void add(std::vector<unsigned char>& bytes, const void* data, std::size_t size) {
  const unsigned char* at = static_cast<const unsigned char*>(data);
  bytes.insert(bytes.end(), at, at + size);
}

void add_text(std::vector<unsigned char>& bytes, const std::string& text) {
  const std::uint32_t size = static_cast<std::uint32_t>(text.size());
  add(bytes, &size, sizeof size);
  add(bytes, text.data(), text.size());
}

bool same(double first, double second) {
  return static_cast<float>(first) == static_cast<float>(second);
}

}  // namespace

Plugin::Plugin(const Description& description)
    : description_(description),
      player_(description.preset, description.preset_size),
      made_(player_.output_count(heard())),
      outputs_(is_instrument() ? std::max(made_, 2) : made_) {
  const Knob bypass{"bypass", "", 0.0, 1.0, 0.0, false, true};
  parameters_.push_back({bypass, {"Bypass", "", "", {"off", "on"}}, 0.0});
  for (int k = 0; k < player_.knob_count(); ++k)
    parameters_.push_back({player_.knob(k), description.controls[k], player_.value(k)});
  wanted_ = std::make_unique<std::atomic<double>[]>(parameters_.size());
  changed_ = std::make_unique<std::atomic<bool>[]>(parameters_.size());
  for (std::size_t k = 0; k < parameters_.size(); ++k) {
    wanted_[k] = parameters_[k].initial;
    changed_[k] = false;
  }
}

void Plugin::set_value(int parameter, double value) {
  const Knob& known = knob(parameter);
  double held = std::min(std::max(value, known.low), known.high);
  if (!(value == value)) return;
  if (known.whole_numbers) held = std::nearbyint(held);
  wanted_[parameter].store(held, std::memory_order_relaxed);
  changed_[parameter].store(true, std::memory_order_release);
  any_changed_.store(true, std::memory_order_release);
}

double Plugin::value_at(int parameter, double position) const {
  const Knob& known = knob(parameter);
  for (double kept : {value(parameter), initial(parameter)})
    if (same(position, known.position(kept))) return kept;
  return std::min(std::max(known.value_at(position), known.low), known.high);
}

void Plugin::set_position(int parameter, double position) {
  set_value(parameter, value_at(parameter, position));
}

std::string Plugin::text(int parameter, double value) const {
  const Description::Control& shown = control(parameter);
  const double whole = std::nearbyint(value);
  if (!shown.choices.empty() && whole >= 0.0 && whole < shown.choices.size())
    return shown.choices[static_cast<std::size_t>(whole)];
  const double size = std::fabs(value);
  const int decimals = size >= 1000.0 ? 0 : size >= 100.0 ? 1 : size >= 10.0 ? 2 : 3;
  char made[64];
  std::snprintf(made, sizeof made, "%.*f", decimals, value);
  std::string text = made;
  if (!shown.unit.empty()) text.append(" ").append(shown.unit);
  return text;
}

bool Plugin::value_of(int parameter, const char* text, double* value) const {
  const auto& choices = control(parameter).choices;
  for (std::size_t k = 0; k < choices.size(); ++k)
    if (choices[k] == text) {
      *value = static_cast<double>(k);
      return true;
    }
  char* end = nullptr;
  *value = std::strtod(text, &end);
  return end != text;
}

std::vector<unsigned char> Plugin::state() const {
  std::vector<unsigned char> bytes;
  add_text(bytes, kState);
  add_text(bytes, description_.id);
  for (int k = 0; k < parameter_count(); ++k) {
    const double held = value(k);
    add(bytes, &held, sizeof held);
  }
  return bytes;
}

bool Plugin::set_state(const unsigned char* data, std::size_t size) {
  // What is the same for all states of this preset must be the same in this one.
  const std::vector<unsigned char> own = state();
  const std::size_t head = own.size() - 8 * parameters_.size();
  if (size < own.size() || std::memcmp(data, own.data(), head) != 0) return false;
  Bytes bytes(data + head, size - head);
  for (int k = 0; k < parameter_count(); ++k) set_value(k, bytes.real());
  return true;
}

bool Plugin::activate(double rate) {
  if (!(rate > 0.0)) return false;
  rate_ = rate;
  take_changes();
  player_.prepare(rate, heard());
  copies_.assign(heard(), std::vector<float>(kBlock));
  playing_ = false;
  return true;
}

void Plugin::restart() {
  take_changes();
  player_.restart();
  playing_ = false;
}

void Plugin::take_changes() {
  if (!any_changed_.exchange(false, std::memory_order_acquire)) return;
  for (int k = 1; k < parameter_count(); ++k)
    if (changed_[k].exchange(false, std::memory_order_acquire)) player_.set(k - 1, value(k));
}

void Plugin::note(const Change& change) {
  take_changes();
  switch (change.what) {
    case Change::kPress:
      return player_.press(change.parameter, change.given);
    case Change::kRelease:
      return player_.release(change.parameter);
    case Change::kMidi:
      return player_.midi(change.parameter & 0xFF, change.parameter >> 8 & 0x7F,
                          change.parameter >> 16 & 0x7F);
    default:
      return;
  }
}

void Plugin::process(const float* const* inputs, float* const* outputs, int count) {
  take_changes();
  const float goal = value(0) > 0.5 ? 1.0f : 0.0f;
  if (!playing_) dry_ = goal;
  playing_ = playing_ || count > 0;
  if (dry_ == 0.0f && goal == 0.0f) {
    player_.play(inputs, outputs, count);
    for (int c = made_; c < outputs_; ++c)
      std::copy(outputs[0], outputs[0] + count, outputs[c]);
    return;
  }
  for (int begin = 0; begin < count; begin += kBlock)
    play(inputs, outputs, begin, std::min(count - begin, kBlock));
}

// Play a part of a block and fade to or from the bypass.
void Plugin::play(const float* const* inputs, float* const* outputs, int begin, int count) {
  constexpr int kMost = 8;
  const float* from[kMost];
  float* to[kMost];
  for (int c = 0; c < heard(); ++c) {
    // what is heard in place of an instrument is silence
    if (!is_instrument())
      std::copy(inputs[c] + begin, inputs[c] + begin + count, copies_[c].begin());
    from[c] = copies_[c].data();
  }
  for (int c = 0; c < outputs_; ++c) to[c] = outputs[c] + begin;
  player_.play(from, to, count);
  for (int c = made_; c < outputs_; ++c) std::copy(to[0], to[0] + count, to[c]);
  const float goal = value(0) > 0.5 ? 1.0f : 0.0f;
  const float step = static_cast<float>(1.0 / (kFadeSeconds * rate_));
  for (int t = 0; t < count; ++t) {
    dry_ = goal > dry_ ? std::min(dry_ + step, goal) : std::max(dry_ - step, goal);
    for (int c = 0; c < outputs_; ++c) {
      const float dry = from[c % heard()][t];
      to[c][t] = dry_ == 1.0f ? dry : to[c][t] + dry_ * (dry - to[c][t]);
    }
  }
}

}  // namespace fxchain
