#include "vst3_effect.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "utf16.h"

namespace fxchain::vst3 {

namespace {

std::uint64_t arrangement_of(int channels) { return channels == 1 ? kMono : kStereo; }

int group_of(const std::vector<std::string>& groups, const std::string& group) {
  return static_cast<int>(std::find(groups.begin(), groups.end(), group) - groups.begin());
}

}  // namespace

Effect::Effect(const Description& description) : plugin_(description), groups_{""} {
  for (const auto& each : description.controls)
    if (group_of(groups_, each.group) == static_cast<int>(groups_.size()))
      groups_.push_back(each.group);
}

Result Effect::queryInterface(const Identifier id, void** made) {
  *made = nullptr;
  if (same(id, Unknown::kId) || same(id, PluginBase::kId) || same(id, Component::kId))
    *made = static_cast<Component*>(this);
  else if (same(id, Processor::kId))
    *made = static_cast<Processor*>(this);
  else if (same(id, Controller::kId))
    *made = static_cast<Controller*>(this);
  else if (same(id, Units::kId))
    *made = static_cast<Units*>(this);
  else if (same(id, MidiMapping::kId) && plugin_.is_instrument())
    *made = static_cast<MidiMapping*>(this);
  if (!*made) return kNoInterface;
  addRef();
  return kOk;
}

std::uint32_t Effect::release() {
  const std::uint32_t left = --references_;
  if (left == 0) delete this;
  return left;
}

std::int32_t Effect::getBusCount(std::int32_t media, std::int32_t direction) {
  if (media == kEvents) return direction == kInput && plugin_.is_instrument();
  return media == kAudio && channels(direction) > 0;
}

Result Effect::getBusInfo(std::int32_t media, std::int32_t direction, std::int32_t index,
                          BusInfo* info) {
  if (index != 0 || getBusCount(media, direction) == 0) return kInvalid;
  constexpr int kMidiChannels = 16;
  *info = {};
  info->media = media;
  info->direction = direction;
  info->channels = media == kEvents ? kMidiChannels : channels(direction);
  to_utf16(media == kEvents ? "Notes" : direction == kInput ? "Input" : "Output", info->name, 128);
  info->flags = kDefaultActive;
  return kOk;
}

Result Effect::setActive(std::uint8_t state) {
  active_ = state && plugin_.activate(rate_);
  return active_ == (state != 0) ? kOk : kFalse;
}

Result Effect::setState(Stream* stream) {
  std::vector<unsigned char> data(plugin_.state().size());
  std::size_t got = 0;
  while (got < data.size()) {
    std::int32_t done = 0;
    const auto left = static_cast<std::int32_t>(data.size() - got);
    if (stream->read(data.data() + got, left, &done) != kOk || done <= 0) break;
    got += done;
  }
  return plugin_.set_state(data.data(), got) ? kOk : kFalse;
}

Result Effect::getState(Stream* stream) {
  std::vector<unsigned char> data = plugin_.state();
  std::int32_t done = 0;
  const auto size = static_cast<std::int32_t>(data.size());
  return stream->write(data.data(), size, &done) == kOk && done == size ? kOk : kFalse;
}

Result Effect::setBusArrangements(std::uint64_t* inputs, std::int32_t inputs_count,
                                  std::uint64_t* outputs, std::int32_t outputs_count) {
  if (inputs_count != getBusCount(kAudio, kInput) || outputs_count != 1) return kFalse;
  const bool fits = (inputs_count == 0 || inputs[0] == arrangement_of(plugin_.inputs())) &&
                    outputs[0] == arrangement_of(plugin_.outputs());
  return fits ? kOk : kFalse;
}

Result Effect::getBusArrangement(std::int32_t direction, std::int32_t index,
                                 std::uint64_t* arrangement) {
  if (index != 0 || getBusCount(kAudio, direction) == 0) return kInvalid;
  *arrangement = arrangement_of(channels(direction));
  return kOk;
}

Result Effect::setupProcessing(Setup* setup) {
  if (active_ || setup->sample_size != kSingle) return kFalse;
  rate_ = setup->sample_rate;
  return kOk;
}

Result Effect::setProcessing(std::uint8_t state) {
  if (state && active_) plugin_.restart();
  return kOk;
}

Result Effect::process(ProcessData* data) {
  changes_.clear();
  const std::int32_t queues = data->changes ? data->changes->getParameterCount() : 0;
  for (std::int32_t q = 0; q < queues; ++q) {
    ValueQueue* queue = data->changes->getParameterData(q);
    if (!queue) continue;
    const std::uint32_t id = queue->getParameterId();
    const int wheel = wheel_of(id);
    if (!known(id) && wheel < 0) continue;
    for (std::int32_t k = 0; k < queue->getPointCount(); ++k) {
      Change change{0, static_cast<int>(id), 0.0};
      if (queue->getPoint(k, &change.offset, &change.given) != kOk) continue;
      if (wheel < 0)
        changes_.add(change);
      else
        turn(wheel, change.offset, change.given);
    }
  }
  if (plugin_.is_instrument() && data->events) read_notes(data->events);
  const bool plays = active_ && wired(data->inputs, data->inputs_count, plugin_.inputs()) &&
                     wired(data->outputs, data->outputs_count, plugin_.outputs());
  changes_.run(
      plays ? data->count : 0,
      [this](const Change& change) {
        if (change.what == Change::kValue)
          plugin_.set_position(change.parameter, change.given);
        else if (active_)
          plugin_.note(change);
      },
      [this, data](int begin, int count) {
        const float* from[2];
        float* to[2];
        for (int c = 0; c < plugin_.inputs(); ++c) from[c] = data->inputs[0].samples[c] + begin;
        for (int c = 0; c < plugin_.outputs(); ++c) to[c] = data->outputs[0].samples[c] + begin;
        plugin_.process(from, to, count);
      });
  if (data->outputs_count > 0) data->outputs[0].silent = 0;
  return kOk;
}

void Effect::read_notes(EventList* events) {
  const std::int32_t count = events->getEventCount();
  for (std::int32_t k = 0; k < count; ++k) {
    Event event;
    if (events->getEvent(k, event) != kOk) continue;
    if (event.type == kNoteOn && event.on.key >= 0 && event.on.key < 128)
      changes_.add({event.offset, event.on.key, event.on.velocity, Change::kPress});
    if (event.type == kNoteOff)
      changes_.add({event.offset, event.off.key, event.off.velocity, Change::kRelease});
  }
}

void Effect::turn(int wheel, int offset, double position) {
  wheels_[wheel] = position;
  const int most = wheel == kPedal ? 127 : 16383;
  const int moved = static_cast<int>(std::nearbyint(std::min(std::max(position, 0.0), 1.0) * most));
  const unsigned char pedal[3] = {0xB0, kSustainPedal, static_cast<unsigned char>(moved & 0x7F)};
  const unsigned char bend[3] = {0xE0, static_cast<unsigned char>(moved & 0x7F),
                                 static_cast<unsigned char>(moved >> 7)};
  changes_.add(midi_change(offset, wheel == kPedal ? pedal : bend));
}

Result Effect::getMidiControllerAssignment(std::int32_t bus, std::int16_t, std::int16_t controller,
                                           std::uint32_t& id) {
  if (bus != 0 || (controller != kSustainPedal && controller != kPitchBend)) return kFalse;
  id = plugin_.parameter_count() + (controller == kSustainPedal ? kPedal : kBend);
  return kOk;
}

Result Effect::getParameterInfo(std::int32_t index, ParameterInfo* info) {
  if (const int wheel = index < 0 ? -1 : wheel_of(index); wheel >= 0) {
    *info = {};
    info->id = index;
    to_utf16(wheel == kPedal ? "Sustain pedal" : "Pitch bend", info->title, 128);
    info->initial = wheel == kPedal ? 0.0 : 0.5;
    info->flags = kHidden;
    return kOk;
  }
  if (index < 0 || !known(index)) return kInvalid;
  const Description::Control& shown = plugin_.control(index);
  const Knob& knob = plugin_.knob(index);
  *info = {};
  info->id = index;
  const std::string title = shown.group.empty() ? shown.name : shown.group + ": " + shown.name;
  to_utf16(title, info->title, 128);
  to_utf16(shown.name, info->short_title, 128);
  to_utf16(shown.unit, info->units, 128);
  info->steps = knob.whole_numbers ? static_cast<std::int32_t>(knob.high - knob.low) : 0;
  info->initial = knob.position(plugin_.initial(index));
  info->unit = group_of(groups_, shown.group);
  info->flags = kAutomatable | (index == 0 ? kBypass : knob.whole_numbers ? kList : 0);
  return kOk;
}

Result Effect::getParamStringByValue(std::uint32_t id, double position, Text128 text) {
  if (!known(id)) return kFalse;
  to_utf16(plugin_.text(id, plugin_.value_at(id, position)), text, 128);
  return kOk;
}

Result Effect::getParamValueByString(std::uint32_t id, char16_t* text, double* position) {
  double value = 0.0;
  if (!known(id) || !plugin_.value_of(id, to_utf8(text).c_str(), &value)) return kFalse;
  *position = plainParamToNormalized(id, value);
  return kOk;
}

double Effect::normalizedParamToPlain(std::uint32_t id, double position) {
  return known(id) ? plugin_.value_at(id, position) : 0.0;
}

double Effect::plainParamToNormalized(std::uint32_t id, double value) {
  if (!known(id)) return 0.0;
  const Knob& knob = plugin_.knob(id);
  return knob.position(std::min(std::max(value, knob.low), knob.high));
}

double Effect::getParamNormalized(std::uint32_t id) {
  if (const int wheel = wheel_of(id); wheel >= 0) return wheels_[wheel];
  return known(id) ? plugin_.position(id) : 0.0;
}

Result Effect::setParamNormalized(std::uint32_t id, double position) {
  if (const int wheel = wheel_of(id); wheel >= 0) {
    wheels_[wheel] = position;
    return kOk;
  }
  if (!known(id)) return kInvalid;
  plugin_.set_position(id, position);
  return kOk;
}

Result Effect::getUnitInfo(std::int32_t index, UnitInfo* info) {
  if (index < 0 || index >= getUnitCount()) return kInvalid;
  *info = {};
  info->id = index;
  info->parent = index == 0 ? -1 : 0;
  to_utf16(index == 0 ? "Root" : groups_[index], info->name, 128);
  info->programs = -1;
  return kOk;
}

}  // namespace fxchain::vst3
