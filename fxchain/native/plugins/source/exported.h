// Marks what a host looks up by name; all else is hidden.
#pragma once

#ifdef _WIN32
#define FXCHAIN_EXPORTED extern "C" __declspec(dllexport)
#else
#define FXCHAIN_EXPORTED extern "C" __attribute__((visibility("default")))
#endif
