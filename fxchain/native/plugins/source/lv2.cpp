// What a host of LV2 looks up in the binary: one effect.
//
// Its ports, as in the bundle's plugin.ttl: audio in, audio out, `enabled`, then the knobs in
// physical units.
#include <string>
#include <vector>

#include "exported.h"
#include "plugin.h"

namespace fxchain::lv2 {

namespace {

struct Descriptor {
  const char* uri;
  void* (*instantiate)(const Descriptor*, double rate, const char* path, const void* features);
  void (*connect_port)(void* instance, std::uint32_t port, void* data);
  void (*activate)(void* instance);
  void (*run)(void* instance, std::uint32_t count);
  void (*deactivate)(void* instance);
  void (*cleanup)(void* instance);
  const void* (*extension_data)(const char* uri);
};

struct Instance {
  explicit Instance(const Description& description)
      : plugin(description),
        inputs(plugin.inputs()),
        outputs(plugin.outputs()),
        controls(plugin.parameter_count()),
        seen(plugin.parameter_count()) {
    for (int k = 0; k < plugin.parameter_count(); ++k)
      seen[k] = static_cast<float>(plugin.value(k));
  }

  Plugin plugin;
  std::vector<const float*> inputs;
  std::vector<float*> outputs;
  std::vector<const float*> controls;
  std::vector<float> seen;  // of each parameter, what its port held at last
};

Instance& of(void* instance) { return *static_cast<Instance*>(instance); }

void* instantiate(const Descriptor*, double rate, const char*, const void*) {
  Instance* made = new Instance(*own_description());
  if (made->plugin.activate(rate)) return made;
  delete made;
  return nullptr;
}

void connect(void* instance, std::uint32_t port, void* data) {
  Instance& it = of(instance);
  std::size_t place = port;
  if (place < it.inputs.size()) {
    it.inputs[place] = static_cast<const float*>(data);
    return;
  }
  place -= it.inputs.size();
  if (place < it.outputs.size()) {
    it.outputs[place] = static_cast<float*>(data);
    return;
  }
  place -= it.outputs.size();
  if (place < it.controls.size()) it.controls[place] = static_cast<const float*>(data);
}

void run(void* instance, std::uint32_t count) {
  Instance& it = of(instance);
  for (int k = 0; k < it.plugin.parameter_count(); ++k) {
    if (!it.controls[k]) continue;
    const float given = k == 0 ? (*it.controls[k] > 0.0f ? 0.0f : 1.0f) : *it.controls[k];
    if (given == it.seen[k]) continue;
    it.seen[k] = given;
    // Single precision would move the value of the preset.
    const double initial = it.plugin.initial(k);
    it.plugin.set_value(k, static_cast<float>(initial) == given ? initial : given);
  }
  it.plugin.process(it.inputs.data(), it.outputs.data(), static_cast<int>(count));
}

}  // namespace

}  // namespace fxchain::lv2

FXCHAIN_EXPORTED const void* lv2_descriptor(std::uint32_t index) {
  using namespace fxchain::lv2;
  static std::string uri;
  static Descriptor made;
  const fxchain::Description* own = fxchain::own_description();
  if (!own || index != 0) return nullptr;
  uri = std::string("urn:fxchain:").append(own->id);
  made = {
      uri.c_str(),
      instantiate,
      connect,
      [](void* instance) { of(instance).plugin.restart(); },
      run,
      [](void*) {},
      [](void* instance) { delete &of(instance); },
      [](const char*) -> const void* { return nullptr; },
  };
  return &made;
}
