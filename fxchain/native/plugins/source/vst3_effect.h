// The plug-in as an object of VST3, processor and controller in one.
#pragma once

#include <atomic>
#include <memory>

#include "changes.h"
#include "plugin.h"
#include "vst3_abi.h"

namespace fxchain::vst3 {

class Effect final : public Component,
                     public Processor,
                     public Controller,
                     public Units,
                     public MidiMapping {
 public:
  explicit Effect(const Description& description);

  Result queryInterface(const Identifier id, void** made) override;
  std::uint32_t addRef() override { return ++references_; }
  std::uint32_t release() override;

  Result initialize(Unknown*) override { return kOk; }
  Result terminate() override { return kOk; }

  // Component
  Result getControllerClassId(Identifier) override { return kNotImplemented; }
  Result setIoMode(std::int32_t) override { return kNotImplemented; }
  std::int32_t getBusCount(std::int32_t media, std::int32_t direction) override;
  Result getBusInfo(std::int32_t media, std::int32_t direction, std::int32_t index,
                    BusInfo* info) override;
  Result getRoutingInfo(void*, void*) override { return kNotImplemented; }
  Result activateBus(std::int32_t, std::int32_t, std::int32_t index, std::uint8_t) override {
    return index == 0 ? kOk : kInvalid;
  }
  Result setActive(std::uint8_t state) override;
  Result setState(Stream* stream) override;
  Result getState(Stream* stream) override;

  // Processor
  Result setBusArrangements(std::uint64_t* inputs, std::int32_t inputs_count,
                            std::uint64_t* outputs, std::int32_t outputs_count) override;
  Result getBusArrangement(std::int32_t direction, std::int32_t index,
                           std::uint64_t* arrangement) override;
  Result canProcessSampleSize(std::int32_t size) override {
    return size == kSingle ? kOk : kFalse;
  }
  std::uint32_t getLatencySamples() override { return 0; }
  Result setupProcessing(Setup* setup) override;
  Result setProcessing(std::uint8_t state) override;
  Result process(ProcessData* data) override;
  std::uint32_t getTailSamples() override { return kEndlessTail; }

  // Controller: its state is the component's
  Result setComponentState(Stream* stream) override { return setState(stream); }
  std::int32_t getParameterCount() override {
    return plugin_.parameter_count() + (plugin_.is_instrument() ? kWheels : 0);
  }
  Result getParameterInfo(std::int32_t index, ParameterInfo* info) override;
  Result getParamStringByValue(std::uint32_t id, double position, Text128 text) override;
  Result getParamValueByString(std::uint32_t id, char16_t* text, double* position) override;
  double normalizedParamToPlain(std::uint32_t id, double position) override;
  double plainParamToNormalized(std::uint32_t id, double value) override;
  double getParamNormalized(std::uint32_t id) override;
  Result setParamNormalized(std::uint32_t id, double position) override;
  Result setComponentHandler(Unknown*) override { return kOk; }
  void* createView(const char*) override { return nullptr; }

  // MIDI: what a host makes of wheels and pedals
  Result getMidiControllerAssignment(std::int32_t bus, std::int16_t channel,
                                     std::int16_t controller, std::uint32_t& id) override;

  // Units: one for each stage
  std::int32_t getUnitCount() override { return static_cast<std::int32_t>(groups_.size()); }
  Result getUnitInfo(std::int32_t index, UnitInfo* info) override;
  std::int32_t getProgramListCount() override { return 0; }
  Result getProgramListInfo(std::int32_t, void*) override { return kFalse; }
  Result getProgramName(std::int32_t, std::int32_t, Text128) override { return kFalse; }
  Result getProgramInfo(std::int32_t, std::int32_t, const char*, Text128) override {
    return kFalse;
  }
  Result hasProgramPitchNames(std::int32_t, std::int32_t) override { return kFalse; }
  Result getProgramPitchName(std::int32_t, std::int32_t, std::int16_t, Text128) override {
    return kFalse;
  }
  std::int32_t getSelectedUnit() override { return 0; }
  Result selectUnit(std::int32_t) override { return kOk; }
  Result getUnitByBus(std::int32_t, std::int32_t, std::int32_t, std::int32_t,
                      std::int32_t* unit) override {
    *unit = 0;
    return kOk;
  }
  Result setUnitProgramData(std::int32_t, std::int32_t, Stream*) override { return kFalse; }

 private:
  Plugin plugin_;
  std::vector<std::string> groups_;  // the root first
  Changes changes_;
  std::atomic<std::uint32_t> references_{1};
  double rate_ = 44100.0;
  bool active_ = false;
  // VST3 has no messages of MIDI: an instrument's sustain pedal and pitch bend are hidden
  // parameters behind all others.
  static constexpr int kPedal = 0, kBend = 1, kWheels = 2;
  std::atomic<double> wheels_[kWheels] = {{0.0}, {0.5}};

  // Which wheel a parameter is, or -1.
  int wheel_of(std::uint32_t id) const {
    const int wheel = static_cast<int>(id) - plugin_.parameter_count();
    return plugin_.is_instrument() && wheel >= 0 && wheel < kWheels ? wheel : -1;
  }
  void turn(int wheel, int offset, double position);
  void read_notes(EventList* events);
  static bool wired(const BusBuffers* buffers, std::int32_t count, int channels) {
    return channels == 0 || (count > 0 && buffers[0].channels >= channels);
  }

  bool known(std::uint32_t id) const {
    return id < static_cast<std::uint32_t>(plugin_.parameter_count());
  }
  int channels(std::int32_t direction) const {
    return direction == kInput ? plugin_.inputs() : plugin_.outputs();
  }
};

}  // namespace fxchain::vst3
