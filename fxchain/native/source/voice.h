// One note: a complex spectrum over the harmonics of half its pitch every 4 ms, played as a wavetable
// that changes from one to the next, and noise through the same low-pass; as fxchain's synthesizer
// computes them in numpy.
#pragma once

#include <array>
#include <cmath>
#include <vector>

#include "note_envelope.h"
#include "note_player.h"
#include "timbre.h"
#include "voice_work.h"

namespace fxchain {

class Voice {
 public:
  int key = -1;
  bool released = false, waits = false;  // for the sustain pedal
  long long order = 0;                   // of its beginning

  void allocate(const VoiceWork& work) {
    real_.resize(work.most_harmonics);
    imaginary_.resize(work.most_harmonics);
    for (auto& row : periods_) row.resize(std::size_t{1} << work.most_power);
    noise_.allocate(work.noise.hop);
    stop();
  }

  bool sounds() const { return sounds_; }
  void stop() { sounds_ = false; }
  // Fade out within some ms: another note needs the place.
  void fade() { fading_ = true; }
  bool fades() const { return fading_; }

  void begin(const VoiceWork& work, double pitch, double velocity, std::uint64_t seed) {
    hertz_ = hertz_of(pitch);
    velocity_ = velocity;
    count_ = std::min(harmonic_count(hertz_, work.rate), work.most_harmonics);
    length_ = 1 << std::min(period_power(count_), work.most_power);
    sounds_ = true;
    released = waits = fading_ = false;
    begun_ = false;
    level_ = 1.0;
    in_spectrum_ = in_noise_ = 0;
    since_release_ = 0;
    version_ = -1;
    turn_ = 0.0;
    phases_ = {};
    amplitude_.begin();
    filter_.begin();
    noise_filter_.begin();
    noise_.begin(seed);
  }

  // Add (count) samples.
  void add(double* sum, int count, const Timbre& timbre, VoiceWork& work) {
    const VoiceControls& c = timbre.controls;
    const EnvelopeSteps steps(1.0 / work.rate, c.amp_attack_ms, c.amp_decay_ms, c.amp_sustain,
                              c.amp_release_ms);
    const double loudness = 1.0 - c.velocity_to_level * (1.0 - velocity_);
    const double noise_weight = timbre.noise_weight() * std::sqrt(work.rate / kNoiseRate);
    const double tail = std::min(kTailTimeConstants * 1e-3 * c.amp_release_ms, kLongestTailSeconds) * work.rate;
    const double fall = 1.0 / (kNoteFadeSeconds * work.rate);
    if (released) amplitude_.release();
    Turns turns(*this, c, timbre.bend, work.rate);
    for (int t = 0; t < count && sounds_; ++t) {
      if (timbre.has_tone && in_spectrum_ == 0) spectrum(timbre, work);
      if (timbre.has_noise && in_noise_ == 0) draw(timbre, work);
      begun_ = true;
      double heard = 0.0;
      if (timbre.has_tone) heard = read(c, static_cast<double>(in_spectrum_) / work.hop);
      if (timbre.has_noise) heard += noise_weight * noise_.at(in_noise_);
      sum[t] += loudness * level_ * amplitude_.value(steps) * heard;
      amplitude_.step(steps);
      turns.advance();
      if (++in_spectrum_ == work.hop) in_spectrum_ = 0;
      if (++in_noise_ == work.noise.hop) in_noise_ = 0;
      if (fading_) level_ -= fall;
      if ((released && ++since_release_ >= tail) || level_ <= 0.0) sounds_ = false;
    }
  }

 private:
  using Row = std::vector<float>;

  bool sounds_ = false, fading_ = false, begun_ = false;
  double hertz_ = 440.0, velocity_ = 1.0, level_ = 1.0;
  int count_ = 2, length_ = 256, version_ = -1;
  int in_spectrum_ = 0, in_noise_ = 0;  // samples since the last spectrum and frame of noise
  long long since_release_ = 0;
  double turn_ = 0.0, cutoff_ = 0.0, resonance_ = 0.0, bend_ = 1.0;
  std::array<double, 3> phases_{};  // of the reader, of those that are detuned up and down
  NoteEnvelope amplitude_, filter_, noise_filter_;
  VoiceNoise noise_;
  std::vector<double> real_, imaginary_;  // the sum of the sources
  std::array<Row, 2> periods_;            // of the last spectrum and the next

  // The phases from sample to sample: the integral of a frequency with vibrato, in closed form.
  struct Turns {
    Voice& voice;
    double hertz, seconds, turn, depth, before;
    std::array<double, 3> factors;

    Turns(Voice& note, const VoiceControls& c, double bend, double rate)
        : voice(note),
          hertz(0.5 * note.hertz_ * bend),
          seconds(1.0 / rate),
          turn(2.0 * kPi * c.vibrato_rate_hz),
          depth(c.vibrato_depth_cents * kCent),
          before(cos(note.turn_)) {
      const double detune = c.unison_detune_cents * kCent;
      factors = {1.0, 1.0 + detune, 1.0 - detune};
    }

    void advance() {
      voice.turn_ += turn * seconds;
      if (voice.turn_ > 2.0 * kPi) voice.turn_ -= 2.0 * kPi;
      double passed = seconds;
      if (depth > 0.0) {
        const double now = cos(voice.turn_);
        passed += depth * (before - now) / turn;
        before = now;
      }
      for (int k = 0; k < 3; ++k) {
        double& phase = voice.phases_[k];
        phase += hertz * passed * factors[k];
        phase -= std::floor(phase);
      }
    }

    static constexpr double kCent = kLog2 / 1200.0;
  };

  double cutoff(const VoiceControls& c, double envelope) const {
    const double key = exp(c.key_tracking * log(hertz_ / kKeyCentreHertz));
    const double octaves = c.filter_envelope_octaves * envelope;
    const double moved = c.cutoff_frequency_hz * key * exp(kLog2 * octaves);
    return std::min(std::max(moved, kLowestCutoff), kHighestCutoff);
  }

  static EnvelopeSteps filter_steps(const VoiceControls& c, double seconds) {
    return EnvelopeSteps(seconds, c.filter_attack_ms, c.filter_decay_ms,
                         c.filter_sustain, c.filter_release_ms);
  }

  // Compute the next spectrum; at the beginning of the note the first one too. The filter is
  // released here, with the first spectrum behind the note's release.
  void spectrum(const Timbre& timbre, VoiceWork& work) {
    const VoiceControls& c = timbre.controls;
    const EnvelopeSteps steps = filter_steps(c, work.hop / work.rate);
    const bool changed = version_ != timbre.version;
    if (changed) sum_sources(timbre, work);
    if (!begun_) write_period(cutoff(c, filter_.value(steps)), timbre, work);
    if (released) filter_.release();
    filter_.step(steps);
    const double next = cutoff(c, filter_.value(steps));
    periods_[0].swap(periods_[1]);
    const bool same = begun_ && !changed && next == cutoff_ && timbre.bend == bend_;
    if (same && c.resonance == resonance_)
      std::copy(periods_[0].begin(), periods_[0].begin() + length_, periods_[1].begin());
    else
      write_period(next, timbre, work);
  }

  void sum_sources(const Timbre& timbre, VoiceWork& work) {
    version_ = timbre.version;
    std::fill(real_.begin(), real_.begin() + count_, 0.0);
    std::fill(imaginary_.begin(), imaginary_.begin() + count_, 0.0);
    for (const SoundSource& each : timbre.sources) {
      if (!each.kind->coefficients) continue;
      add_source(each, each.octave < 0 ? 1 : 2 << each.octave, work);
    }
    for (int k = 0; k < count_; ++k) {
      const double share = 0.5 * hertz_ * (k + 1) / work.rate;
      const double fade =
          std::min(std::max((kFadeEnd - share) / (kFadeEnd - kFadeBegin), 0.0), 1.0);
      real_[k] *= fade;
      imaginary_[k] *= fade;
    }
  }

  void add_source(const SoundSource& source, int stride, VoiceWork& work) {
    const int own = count_ / stride;
    std::fill(work.real.begin(), work.real.begin() + own, 0.0);
    std::fill(work.imaginary.begin(), work.imaginary.begin() + own, 0.0);
    source.kind->coefficients(source.values.data(), source.cycle, own, work.real.data(),
                              work.imaginary.data());
    for (int n = 1; n <= own; ++n) {
      real_[stride * n - 1] += source.weight * work.real[n - 1];
      imaginary_[stride * n - 1] += source.weight * work.imaginary[n - 1];
    }
  }

  // Write one period behind the low-pass: 1/(1 - x^2 + ix/Q), x = f/f_c.
  void write_period(double cutoff_hz, const Timbre& timbre, VoiceWork& work) {
    cutoff_ = cutoff_hz;
    resonance_ = timbre.controls.resonance;
    bend_ = timbre.bend;
    Spectrum& bins = work.bins;
    const double scale = 0.5 * length_;
    bins.real[0] = bins.imaginary[0] = 0.0;
    for (int k = 1; k <= count_; ++k) {
      const double x = 0.5 * hertz_ * bend_ * k / cutoff_hz;
      const double a = 1.0 - x * x, b = x / resonance_, size = scale / (a * a + b * b);
      bins.real[k] = size * (real_[k - 1] * a + imaginary_[k - 1] * b);
      bins.imaginary[k] = size * (imaginary_[k - 1] * a - real_[k - 1] * b);
    }
    std::fill(bins.real.begin() + count_ + 1, bins.real.begin() + length_ / 2 + 1, 0.0);
    std::fill(bins.imaginary.begin() + count_ + 1, bins.imaginary.begin() + length_ / 2 + 1, 0.0);
    work.transforms[period_power(count_) - 8]->backward(bins, periods_[1].data());
  }

  // Draw the noise of the next samples, at whose end the low-pass is known.
  void draw(const Timbre& timbre, VoiceWork& work) {
    const EnvelopeSteps steps = filter_steps(timbre.controls, work.noise.hop / work.rate);
    if (!begun_) filter_noise(cutoff(timbre.controls, noise_filter_.value(steps)), timbre, work);
    if (released) noise_filter_.release();
    noise_filter_.step(steps);
    filter_noise(cutoff(timbre.controls, noise_filter_.value(steps)), timbre, work);
  }

  void filter_noise(double cutoff_hz, const Timbre& timbre, VoiceWork& work) {
    const double step = work.rate / (2 * work.noise.hop) / cutoff_hz;
    noise_.next(work.noise, [&](int bin) {
      const double x = bin * step, a = 1.0 - x * x, b = x / timbre.controls.resonance;
      return 1.0 / std::sqrt(a * a + b * b);
    });
  }

  double read(const VoiceControls& c, double blend) const {
    const double alone = read_at(phases_[0], blend), mix = c.unison_mix;
    if (mix <= 0.0) return alone;
    const double both = read_at(phases_[1], blend) + read_at(phases_[2], blend);
    return (1.0 - mix) * alone + 0.5 * mix * both;
  }

  // Cubic (Lagrange) along the period, a line from one to the next.
  double read_at(double phase, double blend) const {
    const double at = phase * length_;
    const int whole = static_cast<int>(at);
    const double p = at - whole;
    const double kernel[4] = {
        -p * (p - 1.0) * (p - 2.0) / 6.0, (p + 1.0) * (p - 1.0) * (p - 2.0) / 2.0,
        -(p + 1.0) * p * (p - 2.0) / 2.0, (p + 1.0) * p * (p - 1.0) / 6.0};
    double heard = 0.0;
    for (int k = 0; k < 4; ++k) {
      const int column = (whole + k - 1) & (length_ - 1);
      const double first = periods_[0][column], second = periods_[1][column];
      heard += kernel[k] * (first + blend * (second - first));
    }
    return heard;
  }
};

}  // namespace fxchain
