// Second-order sections in transposed direct form II, in single precision.
#pragma once

#include <cmath>
#include <vector>

#include "math.h"

namespace fxchain {

struct Coefficients {
  float b0 = 1.0f, b1 = 0.0f, b2 = 0.0f, a1 = 0.0f, a2 = 0.0f;
};

inline Coefficients normalized(float b0, float b1, float b2, float a0, float a1, float a2) {
  const float inverse = 1.0f / a0;
  return {b0 * inverse, b1 * inverse, b2 * inverse, a1 * inverse, a2 * inverse};
}

struct Angle {
  float sine, cosine;
  Angle(double frequency_hz, double rate) {
    const float held = static_cast<float>(frequency_hz);
    const float omega = static_cast<float>(2.0 * kPi) * held / static_cast<float>(rate);
    sine = sin(omega);
    cosine = cos(omega);
  }
};

inline Coefficients peak(double rate, double frequency_hz, double gain_db, double q) {
  const float amplitude = std::sqrt(decibels_to_gain(gain_db));
  const Angle turn(frequency_hz, rate);
  const float alpha = turn.sine / (static_cast<float>(q) * 2.0f);
  const float middle = -2.0f * turn.cosine;
  const float up = alpha * amplitude, down = alpha / amplitude;
  return normalized(1.0f + up, middle, 1.0f - up, 1.0f + down, middle, 1.0f - down);
}

// side is +1 for a low shelf, -1 for a high one.
inline Coefficients shelf(double rate, double frequency_hz, double gain_db, double q, float side) {
  const float amplitude = std::sqrt(decibels_to_gain(gain_db));
  const Angle turn(frequency_hz, rate);
  const float less = amplitude - 1.0f, more = amplitude + 1.0f;
  const float beta = turn.sine * std::sqrt(amplitude) / static_cast<float>(q);
  const float less_turn = less * turn.cosine;
  return normalized(amplitude * (more - side * less_turn + beta),
                    amplitude * 2.0f * side * (less - side * more * turn.cosine),
                    amplitude * (more - side * less_turn - beta), more + side * less_turn + beta,
                    -2.0f * side * (less + side * more * turn.cosine),
                    more + side * less_turn - beta);
}

// tan(pi f / rate), of the bilinear transform.
inline float warped(double rate, double frequency_hz) {
  return tan(static_cast<float>(kPi) * static_cast<float>(frequency_hz) /
                  static_cast<float>(rate));
}

inline Coefficients first_order_lowpass(double rate, double frequency_hz) {
  const float n = warped(rate, frequency_hz), inverse = 1.0f / (n + 1.0f);
  return {n * inverse, n * inverse, 0.0f, (n - 1.0f) * inverse, 0.0f};
}

inline Coefficients first_order_highpass(double rate, double frequency_hz) {
  const float n = warped(rate, frequency_hz), inverse = 1.0f / (n + 1.0f);
  return {inverse, -inverse, 0.0f, (n - 1.0f) * inverse, 0.0f};
}

// One section for each channel.
class Biquad {
 public:
  Coefficients row;

  void begin(int channels) { states_.assign(channels, {}); }

  void play(float* const* audio, int count) {
    for (std::size_t c = 0; c < states_.size(); ++c) {
      State s = states_[c];
      for (int t = 0; t < count; ++t) {
        const float x = audio[c][t];
        const float y = x * row.b0 + s.first;
        s.first = x * row.b1 - y * row.a1 + s.second;
        s.second = x * row.b2 - y * row.a2;
        audio[c][t] = y;
      }
      states_[c] = s;
    }
  }

  void settle() {
    for (State& s : states_) {
      if (std::fabs(s.first) <= 1e-8f) s.first = 0.0f;
      if (std::fabs(s.second) <= 1e-8f) s.second = 0.0f;
    }
  }

 private:
  struct State {
    float first = 0.0f, second = 0.0f;
  };
  std::vector<State> states_;
};

}  // namespace fxchain
