#include "player.h"

#include <algorithm>
#include <cmath>

#include "reader.h"

namespace fxchain {

namespace {

// Values that glide are taken over at every sample: in longer steps they would be heard.
constexpr int kGlideBlock = 1;
// They follow two smoothings with this time constant, so that they begin and end without a bend.
constexpr double kGlideSeconds = 0.004;
// A gliding knob that is so near to its target, as a share of its range, is there.
constexpr double kThere = 1e-4;

}  // namespace

Player::Player(const unsigned char* data, std::size_t size) {
  Reader reader(data, size);
  reader.header();
  routing_ = reader.routing();
  stage_ = reader.stage();
  const std::size_t effects = reader.controls.size();
  instrument_ = reader.instrument();
  macros_ = reader.macros();
  followers_ = reader.followers(macros_.size());
  for (const Reader::Control& each : reader.controls)
    places_.push_back({each.owner, each.index, each.knob ? *each.knob : Knob{}, each.path,
                       each.owner->values[each.index], 0.0});
  std::vector<bool> follows(places_.size(), false);
  for (const MovedValue& each : followers_) {
    Place& place = places_[each.place];
    place.target = each.value;
    place.knob.low = each.low;
    place.knob.high = each.high;
    place.knob.log_scale = each.log_scale;
    follows[each.place] = true;
  }
  // what sounds stands before what it goes through
  for (std::size_t k = effects; k < places_.size(); ++k) free_.push_back(k);
  for (std::size_t k = 0; k < effects; ++k)
    if (reader.controls[k].knob && !follows[k]) free_.push_back(k);
  moving_.assign(places_.size(), false);
}

Player::~Player() = default;

const Knob& Player::knob(int index) const {
  return is_macro(index) ? macros_[index].knob : places_[free_place(index)].knob;
}

const std::string& Player::path(int index) const {
  return is_macro(index) ? macros_path_ : places_[free_place(index)].path;
}

double Player::value(int index) const {
  return is_macro(index) ? macros_[index].value : places_[free_place(index)].target;
}

int Player::prepare(double rate, int channels) {
  rate_ = rate;
  routed_ = routing_.for_channels(channels);
  const std::size_t inside = routed_.inputs.size(), out = routed_.outputs.size();
  take_over();
  stage_->prepare(rate, static_cast<int>(inside));
  if (instrument_) instrument_->prepare(rate, channels);
  heard_.assign(channels, std::vector<float>(kBlock));
  notes_.clear();
  for (auto& row : heard_) notes_.push_back(row.data());
  made_.assign(inside, std::vector<float>(kBlock));
  chain_.clear();
  for (auto& row : made_) chain_.push_back(row.data());
  inputs_.clear();
  for (auto& row : heard_) inputs_.push_back(row.data());
  past_.clear();
  for (int delay : routed_.delays) {
    const double scale = routed_.given ? rate / routed_.preset_rate : 1.0;
    past_.emplace_back(static_cast<std::size_t>(std::nearbyint(delay * scale)), 0.0f);
  }
  past_.resize(out);
  past_at_.assign(out, 0);
  played_ = 0;
  begun_ = true;
  pressed_ = false;
  return static_cast<int>(out);
}

bool Player::takes_notes() {
  if (instrument_ && !begun_) restart();
  return instrument_ != nullptr;
}

void Player::press(int key, double velocity) {
  if (!takes_notes()) return;
  pressed_ = true;
  instrument_->press(key, std::min(std::max(velocity, 0.0), 1.0));
}

void Player::release(int key) {
  if (takes_notes()) instrument_->release(key);
}

void Player::release_all() {
  if (takes_notes()) instrument_->release_all();
}

void Player::fade_all() {
  if (takes_notes()) instrument_->fade_all();
}

void Player::pedal(bool down) {
  if (takes_notes()) instrument_->pedal(down);
}

void Player::bend(double semitones) {
  if (takes_notes()) instrument_->bend(semitones);
}

void Player::midi(int status, int first, int second) {
  constexpr double kBendSemitones = 2.0;
  constexpr int kPedal = 64, kSoundOff = 120, kNotesOff = 123;
  const int what = status & 0xF0;
  if (what == 0x90 && second > 0) press(first, second / 127.0);
  if (what == 0x80 || (what == 0x90 && second == 0)) release(first);
  if (what == 0xE0) bend(kBendSemitones * (((second << 7) | first) - 8192) / 8192.0);
  if (what != 0xB0) return;
  if (first == kPedal) pedal(second >= 64);
  if (first == kSoundOff) fade_all();
  if (first == kNotesOff) release_all();
}

void Player::restart() {
  take_over();
  stage_->restart();
  if (instrument_) instrument_->restart();
  silence(past_);
  std::fill(past_at_.begin(), past_at_.end(), 0);
  played_ = 0;
  begun_ = true;
  pressed_ = false;
}

void Player::take_over() {
  for (const Place& place : places_) place.value() = place.target;
  std::fill(moving_.begin(), moving_.end(), false);
}

int Player::output_count(int channels) const {
  return static_cast<int>(routing_.for_channels(channels).outputs.size());
}

void Player::set(int index, double value) {
  const Knob& known = knob(index);
  double held = std::min(std::max(value, known.low), known.high);
  if (known.whole_numbers) held = std::nearbyint(held);
  if (!is_macro(index)) {
    move(free_place(index), held);
    return;
  }
  macros_[index].value = held;
  for (const MovedValue& each : followers_)
    if (each.follows(index)) move(each.place, each.value_for(macros_));
}

void Player::move(std::size_t number, double target) {
  Place& place = places_[number];
  place.target = target;
  if (played_ == 0 && !pressed_) {
    begun_ = false;
  } else if (place.knob.whole_numbers || place.owner->fades_to(place.control)) {
    place.value() = target;
    place.owner->apply();
  } else {
    if (!moving_[number]) place.between = place.knob.position(place.value());
    moving_[number] = true;
  }
}

void Player::play(const float* const* inputs, float* const* outputs, int count) {
  if (!begun_) restart();
  for (int begin = 0; begin < count;) {
    const bool glides = std::find(moving_.begin(), moving_.end(), true) != moving_.end();
    const int settled_in = kSettle - static_cast<int>(played_ % kSettle);
    const int size = std::min({count - begin, glides ? kGlideBlock : kBlock, settled_in});
    if (glides) glide(size);
    block(inputs, outputs, begin, size);
    begin += size;
    played_ += size;
    if (played_ % kSettle == 0) stage_->settle();
  }
}

void Player::glide(int count) {
  const double kept = exp(-count / (kGlideSeconds * rate_));
  for (std::size_t k = 0; k < places_.size(); ++k) {
    if (!moving_[k]) continue;
    Place& place = places_[k];
    const Knob& known = place.knob;
    const double goal = known.position(place.target);
    place.between = goal + kept * (place.between - goal);
    const double now = place.between + kept * (known.position(place.value()) - place.between);
    moving_[k] = std::fabs(now - goal) > kThere || std::fabs(place.between - goal) > kThere;
    place.value() = moving_[k] ? known.value_at(now) : place.target;
    place.owner->apply();
  }
}

void Player::block(const float* const* inputs, float* const* outputs, int begin, int count) {
  if (instrument_) instrument_->play(notes_.data(), count);
  for (std::size_t c = 0; c < heard_.size(); ++c) {
    const float* given = instrument_ ? heard_[c].data() : inputs[c] + begin;
    const auto& constants = routed_.constants;
    const float constant = constants.empty() ? 0.0f : constants[c % constants.size()];
    for (int t = 0; t < count; ++t) heard_[c][t] = given[t] - constant;
  }
  for (std::size_t c = 0; c < made_.size(); ++c)
    for (int t = 0; t < count; ++t)
      made_[c][t] = Routing::row_sum(routed_.inputs[c], inputs_.data(), t);
  stage_->play(chain_.data(), count);
  for (std::size_t c = 0; c < routed_.outputs.size(); ++c)
    for (int t = 0; t < count; ++t) {
      float sample = Routing::row_sum(routed_.outputs[c], chain_.data(), t);
      if (!past_[c].empty()) {
        std::swap(sample, past_[c][past_at_[c]]);
        past_at_[c] = (past_at_[c] + 1) % past_[c].size();
      }
      outputs[c][begin + t] = sample;
    }
}

}  // namespace fxchain
