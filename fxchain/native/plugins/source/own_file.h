// The files of the bundle that this binary belongs to.
#pragma once

#include <vector>

namespace fxchain {

// The bytes of a file beside this binary, or, without a name, of itself; none where it is missing.
std::vector<unsigned char> read_own_file(const char* name);

}  // namespace fxchain
