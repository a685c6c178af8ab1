// What plays notes: an effect into which nothing goes.
#pragma once

#include "effect.h"

namespace fxchain {

class NotePlayer : public AnyEffect {
 public:
  // Press a key of a MIDI keyboard, velocity 0 to 1; what follows may mean nothing to it.
  virtual void press(int key, double velocity) = 0;
  virtual void release(int) {}
  virtual void release_all() {}
  // Fade all notes out within some ms.
  virtual void fade_all() = 0;
  virtual void pedal(bool) {}
  virtual void bend(double) {}
};

// A note that fades: another one needs its place.
constexpr double kNoteFadeSeconds = 0.005;

// Notes that were released go first.
template <typename Note>
bool older(const Note& first, const Note& second) {
  return first.released != second.released ? first.released : first.order < second.order;
}

// The place of a new note among those of which so many may sound: the oldest of more fades.
template <typename Note>
Note& free_place(std::vector<Note>& notes, int most) {
  Note *free = nullptr, *oldest = nullptr, *fading = nullptr;
  int sounding = 0;
  for (Note& each : notes) {
    if (!each.sounds()) {
      free = &each;
      continue;
    }
    Note*& place = each.fades() ? fading : oldest;
    if (!place || older(each, *place)) place = &each;
    sounding += !each.fades();
  }
  if (sounding >= most) oldest->fade();
  return free ? *free : *fading;
}

}  // namespace fxchain
