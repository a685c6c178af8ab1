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
  effects_ = reader.effects;
  kinds_ = reader.effect_kinds;
  paths_ = reader.paths;
  for (std::size_t e = 0; e < effects_.size(); ++e)
    for (std::size_t k = 0; k < effects_[e]->values.size(); ++k)
      places_.push_back({e, k, effects_[e]->values[k], 0.0});
  moving_.assign(places_.size(), false);
}

Player::~Player() = default;

const Knob& Player::knob(int index) const {
  const Place& place = places_[index];
  return kinds_[place.effect]->knobs[place.control];
}

const std::string& Player::path(int index) const { return paths_[places_[index].effect]; }

int Player::prepare(double rate, int channels) {
  rate_ = rate;
  routed_ = routing_.for_channels(channels);
  const std::size_t inside = routed_.inputs.size(), out = routed_.outputs.size();
  take_over();
  stage_->prepare(rate, static_cast<int>(inside));
  heard_.assign(channels, std::vector<float>(kBlock));
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
  return static_cast<int>(out);
}

void Player::restart() {
  take_over();
  stage_->restart();
  silence(past_);
  std::fill(past_at_.begin(), past_at_.end(), 0);
  played_ = 0;
  begun_ = true;
}

void Player::take_over() {
  for (const Place& place : places_) effects_[place.effect]->values[place.control] = place.target;
  std::fill(moving_.begin(), moving_.end(), false);
}

bool Player::plays_at(double rate) const {
  const auto plays = [rate](const AnyEffect* each) { return each->plays_at(rate); };
  return std::all_of(effects_.begin(), effects_.end(), plays);
}

int Player::output_count(int channels) const {
  return static_cast<int>(routing_.for_channels(channels).outputs.size());
}

void Player::set(int index, double value) {
  const Knob& known = knob(index);
  Place& place = places_[index];
  place.target = std::min(std::max(value, known.low), known.high);
  if (known.whole_numbers) place.target = std::nearbyint(place.target);
  if (played_ == 0) {
    begun_ = false;
  } else if (known.whole_numbers) {
    effects_[place.effect]->values[place.control] = place.target;
    effects_[place.effect]->apply();
  } else {
    const double now = effects_[place.effect]->values[place.control];
    if (!moving_[index]) place.between = known.position(now);
    moving_[index] = true;
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
  const double kept = std::exp(-count / (kGlideSeconds * rate_));
  for (std::size_t k = 0; k < places_.size(); ++k) {
    if (!moving_[k]) continue;
    Place& place = places_[k];
    const Knob& known = knob(static_cast<int>(k));
    AnyEffect& effect = *effects_[place.effect];
    double& value = effect.values[place.control];
    const double goal = known.position(place.target);
    place.between = goal + kept * (place.between - goal);
    const double now = place.between + kept * (known.position(value) - place.between);
    moving_[k] = std::fabs(now - goal) > kThere || std::fabs(place.between - goal) > kThere;
    value = moving_[k] ? known.value_at(now) : place.target;
    effect.apply();
  }
}

void Player::block(const float* const* inputs, float* const* outputs, int begin, int count) {
  for (std::size_t c = 0; c < heard_.size(); ++c) {
    const auto& constants = routed_.constants;
    const float constant = constants.empty() ? 0.0f : constants[c % constants.size()];
    for (int t = 0; t < count; ++t) heard_[c][t] = inputs[c][begin + t] - constant;
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
