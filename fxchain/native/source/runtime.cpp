// What the C++ library has compiled and the player needs, so that the C library alone is linked.
#include <cstdlib>
#include <new>
#include <string>

template class std::basic_string<char>;

// Without exceptions there is nothing to return to where memory is at its end.
static void* allocated(std::size_t size) {
  void* made = std::malloc(size ? size : 1);
  if (!made) std::abort();
  return made;
}

void* operator new(std::size_t size) { return allocated(size); }
void* operator new[](std::size_t size) { return allocated(size); }
void operator delete(void* given) noexcept { std::free(given); }
void operator delete[](void* given) noexcept { std::free(given); }
void operator delete(void* given, std::size_t) noexcept { std::free(given); }
void operator delete[](void* given, std::size_t) noexcept { std::free(given); }

extern "C" __attribute__((visibility("hidden"))) void __cxa_pure_virtual() { std::abort(); }

_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] __attribute__((visibility("hidden"))) void __libcpp_verbose_abort(const char*,
                                                                               ...) noexcept {
  std::abort();
}
_LIBCPP_END_NAMESPACE_STD
