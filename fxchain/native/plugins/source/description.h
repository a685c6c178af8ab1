// What a plug-in plays and how it is shown: the data that its bundle holds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fxchain {

struct Description {
  // How a knob is shown: its name, that of its stage, its unit, the texts of its values if few.
  struct Control {
    std::string name, group, unit;
    std::vector<std::string> choices;
  };

  std::string name;              // of the plug-in
  std::string id;                // 32 hexadecimal digits, of the preset and the channels
  int channels = 2;              // that go in; 0: it plays notes
  std::vector<Control> controls;  // of the knobs, in the player's order
  const unsigned char* preset = nullptr;
  std::size_t preset_size = 0;

  // Read the data behind its end mark; false where they are not whole.
  bool read(const unsigned char* data, std::size_t size);
};

// The description of the plug-in that this binary is, read once; null where it has none.
const Description* own_description();

}  // namespace fxchain
