// Plays mono or stereo frames of 32-bit floats through a program that Faust compiled to mydsp.h:
//   host RATE [LABEL VALUE]... < in > out
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#define FAUSTFLOAT double

struct Meta {
  void declare(const char*, const char*) {}
};

struct UI {
  std::map<std::string, double*> sliders;
  std::string groups;
  void openVerticalBox(const char* label) { groups = label; }
  void openHorizontalBox(const char* label) { groups = label; }
  void closeBox() {}
  void declare(double*, const char*, const char*) {}
  void addHorizontalSlider(const char* label, double* place, double, double, double, double) {
    sliders[groups + ": " + label] = place;
  }
};

struct dsp {
  virtual ~dsp() = default;
};

#include "mydsp.h"

int main(int count, char** arguments) {
  const auto owned = std::make_unique<mydsp>();  // its delay lines are too large for the stack
  mydsp& made = *owned;
  made.init(std::atoi(arguments[1]));
  UI shown;
  made.buildUserInterface(&shown);
  for (int k = 2; k + 1 < count; k += 2) *shown.sliders.at(arguments[k]) = std::atof(arguments[k + 1]);
  const int in = made.getNumInputs(), out = made.getNumOutputs();
  std::vector<float> frame(in);
  std::vector<double> heard(in), played(out);
  std::vector<double*> from(in), to(out);
  for (int c = 0; c < in; ++c) from[c] = &heard[c];
  for (int c = 0; c < out; ++c) to[c] = &played[c];
  while (std::fread(frame.data(), sizeof(float), in, stdin) == static_cast<std::size_t>(in)) {
    for (int c = 0; c < in; ++c) heard[c] = frame[c];
    made.compute(1, from.data(), to.data());
    for (int c = 0; c < out; ++c) {
      const float sample = static_cast<float>(played[c]);
      std::fwrite(&sample, sizeof sample, 1, stdout);
    }
  }
}
