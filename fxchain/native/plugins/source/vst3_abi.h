// The binary interface of VST3, as far as an effect or an instrument without a window of its
// own needs it.
//
// Objects are tables of functions in a fixed order, each table beginning with the three of Unknown;
// a C++ class of virtual functions without a virtual destructor has this form. Structures are laid
// out as C does.
#pragma once

#include <cstdint>

namespace fxchain::vst3 {

using Result = std::int32_t;
using Identifier = unsigned char[16];
using Text128 = char16_t[128];

#ifdef _WIN32
constexpr Result kOk = 0, kFalse = 1;
constexpr Result kNoInterface = static_cast<Result>(0x80004002);
constexpr Result kInvalid = static_cast<Result>(0x80070057);
constexpr Result kNotImplemented = static_cast<Result>(0x80004001);
constexpr bool kSwapped = true;  // identifiers are ordered as in COM
#else
constexpr Result kNoInterface = -1, kOk = 0, kFalse = 1, kInvalid = 2, kNotImplemented = 3;
constexpr bool kSwapped = false;
#endif

// Of an identifier that is given as four numbers, the byte at a place in memory.
constexpr unsigned char identifier_byte(const std::uint32_t (&parts)[4], int place) {
  constexpr int kOrder[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  const int from = kSwapped ? kOrder[place] : place;
  return static_cast<unsigned char>(parts[from / 4] >> (24 - 8 * (from % 4)));
}

inline bool same(const Identifier given, const std::uint32_t (&parts)[4]) {
  for (int k = 0; k < 16; ++k)
    if (given[k] != identifier_byte(parts, k)) return false;
  return true;
}

struct Unknown {
  virtual Result queryInterface(const Identifier id, void** made) = 0;
  virtual std::uint32_t addRef() = 0;
  virtual std::uint32_t release() = 0;
  static constexpr std::uint32_t kId[4] = {0, 0, 0xC0000000, 0x00000046};
};

struct Stream : Unknown {
  virtual Result read(void* bytes, std::int32_t size, std::int32_t* done) = 0;
  virtual Result write(void* bytes, std::int32_t size, std::int32_t* done) = 0;
  virtual Result seek(std::int64_t place, std::int32_t from, std::int64_t* at) = 0;
  virtual Result tell(std::int64_t* at) = 0;
};

struct PluginBase : Unknown {
  virtual Result initialize(Unknown* context) = 0;
  virtual Result terminate() = 0;
  static constexpr std::uint32_t kId[4] = {0x22888DDB, 0x156E45AE, 0x8358B348, 0x08190625};
};

constexpr std::int32_t kAudio = 0, kEvents = 1, kInput = 0;
constexpr std::uint32_t kDefaultActive = 1;

struct BusInfo {
  std::int32_t media, direction, channels;
  Text128 name;
  std::int32_t kind;
  std::uint32_t flags;
};

struct Component : PluginBase {
  virtual Result getControllerClassId(Identifier id) = 0;
  virtual Result setIoMode(std::int32_t mode) = 0;
  virtual std::int32_t getBusCount(std::int32_t media, std::int32_t direction) = 0;
  virtual Result getBusInfo(std::int32_t media, std::int32_t direction, std::int32_t index,
                            BusInfo* info) = 0;
  virtual Result getRoutingInfo(void* input, void* output) = 0;
  virtual Result activateBus(std::int32_t media, std::int32_t direction, std::int32_t index,
                             std::uint8_t state) = 0;
  virtual Result setActive(std::uint8_t state) = 0;
  virtual Result setState(Stream* stream) = 0;
  virtual Result getState(Stream* stream) = 0;
  static constexpr std::uint32_t kId[4] = {0xE831FF31, 0xF2D54301, 0x928EBBEE, 0x25697802};
};

struct Setup {
  std::int32_t mode, sample_size, most_samples;
  double sample_rate;
};

struct BusBuffers {
  std::int32_t channels;
  std::uint64_t silent;  // a bit for each channel
  float** samples;
};

struct ValueQueue : Unknown {
  virtual std::uint32_t getParameterId() = 0;
  virtual std::int32_t getPointCount() = 0;
  virtual Result getPoint(std::int32_t index, std::int32_t* offset, double* value) = 0;
  virtual Result addPoint(std::int32_t offset, double value, std::int32_t* index) = 0;
};

struct ParameterChanges : Unknown {
  virtual std::int32_t getParameterCount() = 0;
  virtual ValueQueue* getParameterData(std::int32_t index) = 0;
  virtual ValueQueue* addParameterData(const std::uint32_t& id, std::int32_t* index) = 0;
};

// Only what notes need is read of it.
struct Event {
  std::int32_t bus, offset;
  double quarters;
  std::uint16_t flags, type;
  struct NoteOn {
    std::int16_t channel, key;
    float tuning, velocity;
    std::int32_t length, note;
  };
  struct NoteOff {
    std::int16_t channel, key;
    float velocity;
    std::int32_t note;
    float tuning;
  };
  union {
    NoteOn on;
    NoteOff off;
    std::uint64_t longest[3];
  };
};
constexpr std::uint16_t kNoteOn = 0, kNoteOff = 1;

struct EventList : Unknown {
  virtual std::int32_t getEventCount() = 0;
  virtual Result getEvent(std::int32_t index, Event& event) = 0;
  virtual Result addEvent(Event& event) = 0;
};

struct ProcessData {
  std::int32_t mode, sample_size, count, inputs_count, outputs_count;
  BusBuffers *inputs, *outputs;
  ParameterChanges *changes, *changes_out;
  EventList* events;
  void *events_out, *context;
};

constexpr std::uint64_t kStereo = 3, kMono = 1u << 19;
constexpr std::int32_t kSingle = 0;
constexpr std::uint32_t kEndlessTail = 0xFFFFFFFF;

struct Processor : Unknown {
  virtual Result setBusArrangements(std::uint64_t* inputs, std::int32_t inputs_count,
                                    std::uint64_t* outputs, std::int32_t outputs_count) = 0;
  virtual Result getBusArrangement(std::int32_t direction, std::int32_t index,
                                   std::uint64_t* arrangement) = 0;
  virtual Result canProcessSampleSize(std::int32_t size) = 0;
  virtual std::uint32_t getLatencySamples() = 0;
  virtual Result setupProcessing(Setup* setup) = 0;
  virtual Result setProcessing(std::uint8_t state) = 0;
  virtual Result process(ProcessData* data) = 0;
  virtual std::uint32_t getTailSamples() = 0;
  static constexpr std::uint32_t kId[4] = {0x42043F99, 0xB7DA453C, 0xA569E79D, 0x9AAEC33D};
};

constexpr std::int32_t kAutomatable = 1, kHidden = 1 << 4, kList = 8, kBypass = 1 << 16;

struct ParameterInfo {
  std::uint32_t id;
  Text128 title, short_title, units;
  std::int32_t steps;
  double initial;
  std::int32_t unit, flags;
};

struct Controller : PluginBase {
  virtual Result setComponentState(Stream* stream) = 0;
  virtual Result setState(Stream* stream) = 0;
  virtual Result getState(Stream* stream) = 0;
  virtual std::int32_t getParameterCount() = 0;
  virtual Result getParameterInfo(std::int32_t index, ParameterInfo* info) = 0;
  virtual Result getParamStringByValue(std::uint32_t id, double position, Text128 text) = 0;
  virtual Result getParamValueByString(std::uint32_t id, char16_t* text, double* position) = 0;
  virtual double normalizedParamToPlain(std::uint32_t id, double position) = 0;
  virtual double plainParamToNormalized(std::uint32_t id, double value) = 0;
  virtual double getParamNormalized(std::uint32_t id) = 0;
  virtual Result setParamNormalized(std::uint32_t id, double position) = 0;
  virtual Result setComponentHandler(Unknown* handler) = 0;
  virtual void* createView(const char* name) = 0;
  static constexpr std::uint32_t kId[4] = {0xDCD7BBE3, 0x7742448D, 0xA874AACC, 0x979C759E};
};

struct MidiMapping : Unknown {
  virtual Result getMidiControllerAssignment(std::int32_t bus, std::int16_t channel,
                                             std::int16_t controller, std::uint32_t& id) = 0;
  static constexpr std::uint32_t kId[4] = {0xDF0FF9F7, 0x49B74669, 0xB63AB732, 0x7ADBF5E5};
};
constexpr std::int16_t kSustainPedal = 64, kPitchBend = 129;

struct UnitInfo {
  std::int32_t id, parent;
  Text128 name;
  std::int32_t programs;
};

struct Units : Unknown {
  virtual std::int32_t getUnitCount() = 0;
  virtual Result getUnitInfo(std::int32_t index, UnitInfo* info) = 0;
  virtual std::int32_t getProgramListCount() = 0;
  virtual Result getProgramListInfo(std::int32_t index, void* info) = 0;
  virtual Result getProgramName(std::int32_t list, std::int32_t index, Text128 name) = 0;
  virtual Result getProgramInfo(std::int32_t list, std::int32_t index, const char* key,
                                Text128 value) = 0;
  virtual Result hasProgramPitchNames(std::int32_t list, std::int32_t index) = 0;
  virtual Result getProgramPitchName(std::int32_t list, std::int32_t index, std::int16_t pitch,
                                     Text128 name) = 0;
  virtual std::int32_t getSelectedUnit() = 0;
  virtual Result selectUnit(std::int32_t unit) = 0;
  virtual Result getUnitByBus(std::int32_t media, std::int32_t direction, std::int32_t bus,
                              std::int32_t channel, std::int32_t* unit) = 0;
  virtual Result setUnitProgramData(std::int32_t list, std::int32_t index, Stream* data) = 0;
  static constexpr std::uint32_t kId[4] = {0x3D4BD6B5, 0x913A4FD2, 0xA886E768, 0xA5EB92C1};
};

struct FactoryInfo {
  char vendor[64], url[256], email[128];
  std::int32_t flags;
};

struct ClassInfo {
  Identifier id;
  std::int32_t cardinality;
  char category[32], name[64];
};

struct ClassInfo2 : ClassInfo {
  std::uint32_t flags;
  char subcategories[128], vendor[64], version[64], sdk_version[64];
};

struct Factory : Unknown {
  virtual Result getFactoryInfo(FactoryInfo* info) = 0;
  virtual std::int32_t countClasses() = 0;
  virtual Result getClassInfo(std::int32_t index, ClassInfo* info) = 0;
  virtual Result createInstance(const char* id, const char* interface, void** made) = 0;
  virtual Result getClassInfo2(std::int32_t index, ClassInfo2* info) = 0;
  static constexpr std::uint32_t kId[4] = {0x7A4D811C, 0x52114A1F, 0xAED9D2EE, 0x0B43BF9F};
  static constexpr std::uint32_t kId2[4] = {0x0007B650, 0xF24B4C0B, 0xA464EDB9, 0xF00B2ABB};
};

}  // namespace fxchain::vst3
