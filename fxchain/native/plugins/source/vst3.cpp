// What a host of VST3 looks up in the binary: the factory of one effect or instrument.
#include <cstdio>

#include "exported.h"
#include "vst3_effect.h"

namespace fxchain::vst3 {

namespace {

void copy(char* to, std::size_t room, const std::string& text) {
  std::snprintf(to, room, "%s", text.c_str());
}

class OneFactory final : public Factory {
 public:
  explicit OneFactory(const Description& description) : description_(description) {
    for (int part = 0; part < 4; ++part) {
      id_[part] = 0;
      for (int digit = 0; digit < 8; ++digit) {
        const char c = description.id[8 * part + digit];
        id_[part] = id_[part] << 4 | static_cast<std::uint32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
      }
    }
  }

  Result queryInterface(const Identifier id, void** made) override {
    const bool fits = same(id, Unknown::kId) || same(id, Factory::kId) || same(id, Factory::kId2);
    *made = fits ? static_cast<Factory*>(this) : nullptr;
    return fits ? kOk : kNoInterface;
  }
  // It lives as long as the binary.
  std::uint32_t addRef() override { return 1; }
  std::uint32_t release() override { return 1; }

  Result getFactoryInfo(FactoryInfo* info) override {
    *info = {};
    copy(info->vendor, sizeof info->vendor, "fxchain");
    info->flags = 0x10;  // texts are Unicode
    return kOk;
  }
  std::int32_t countClasses() override { return 1; }

  Result getClassInfo(std::int32_t index, ClassInfo* info) override {
    if (index != 0) return kInvalid;
    *info = {};
    for (int k = 0; k < 16; ++k) info->id[k] = identifier_byte(id_, k);
    info->cardinality = 0x7FFFFFFF;
    copy(info->category, sizeof info->category, "Audio Module Class");
    copy(info->name, sizeof info->name, description_.name);
    return kOk;
  }

  Result getClassInfo2(std::int32_t index, ClassInfo2* info) override {
    *info = {};
    const Result done = getClassInfo(index, info);
    copy(info->subcategories, sizeof info->subcategories,
         description_.channels ? "Fx" : "Instrument|Synth");
    copy(info->vendor, sizeof info->vendor, "fxchain");
    copy(info->version, sizeof info->version, "1.0.0");
    copy(info->sdk_version, sizeof info->sdk_version, "VST 3.7");
    return done;
  }

  Result createInstance(const char* id, const char* interface, void** made) override {
    *made = nullptr;
    if (!same(reinterpret_cast<const unsigned char*>(id), id_)) return kNoInterface;
    Effect* effect = new Effect(description_);
    const auto* wanted = reinterpret_cast<const unsigned char*>(interface);
    const Result done = effect->queryInterface(wanted, made);
    effect->release();
    return done;
  }

 private:
  const Description& description_;
  std::uint32_t id_[4];
};

}  // namespace

}  // namespace fxchain::vst3

FXCHAIN_EXPORTED void* GetPluginFactory() {
  const fxchain::Description* own = fxchain::own_description();
  if (!own) return nullptr;
  static fxchain::vst3::OneFactory factory(*own);
  return static_cast<fxchain::vst3::Factory*>(&factory);
}

// Where a binary is loaded and left; there is nothing to do.
#if defined(_WIN32)
FXCHAIN_EXPORTED bool InitDll() { return true; }
FXCHAIN_EXPORTED bool ExitDll() { return true; }
#elif defined(__APPLE__)
FXCHAIN_EXPORTED bool bundleEntry(void*) { return true; }
FXCHAIN_EXPORTED bool bundleExit() { return true; }
#else
FXCHAIN_EXPORTED bool ModuleEntry(void*) { return true; }
FXCHAIN_EXPORTED bool ModuleExit() { return true; }
#endif
