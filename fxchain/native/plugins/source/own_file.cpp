#include "own_file.h"

#include <cstdio>
#include <string>

#ifdef _WIN32
#define NOMINMAX
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace fxchain {

namespace {

#ifdef _WIN32
std::FILE* open_beside(const char* name) {
  HMODULE own = nullptr;
  const DWORD how =
      GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
  if (!GetModuleHandleExW(how, reinterpret_cast<LPCWSTR>(&read_own_file), &own)) return nullptr;
  std::vector<wchar_t> path(32768);
  std::size_t length = GetModuleFileNameW(own, path.data(), static_cast<DWORD>(path.size()));
  path.resize(length);
  if (*name) {
    while (!path.empty() && path.back() != L'\\') path.pop_back();
    for (const char* at = name; *at; ++at) path.push_back(*at == '/' ? L'\\' : *at);
  }
  path.push_back(0);
  return _wfopen(path.data(), L"rb");
}
#else
std::FILE* open_beside(const char* name) {
  Dl_info own;
  if (!dladdr(reinterpret_cast<const void*>(&read_own_file), &own) || !own.dli_fname)
    return nullptr;
  std::string path = own.dli_fname;
  if (*name) {
    while (!path.empty() && path.back() != '/') path.pop_back();
    path.append(name);
  }
  return std::fopen(path.c_str(), "rb");
}
#endif

}  // namespace

std::vector<unsigned char> read_own_file(const char* name) {
  std::vector<unsigned char> data;
  std::FILE* file = open_beside(name);
  if (!file) return data;
  std::fseek(file, 0, SEEK_END);
  const long size = std::ftell(file);
  std::fseek(file, 0, SEEK_SET);
  data.resize(size > 0 ? size : 0);
  if (std::fread(data.data(), 1, data.size(), file) != data.size()) data.clear();
  std::fclose(file);
  return data;
}

}  // namespace fxchain
