// The elementary functions of the player at random arguments.
//
//   functions COUNT           prints one number that follows from every bit of every result
//   functions COUNT compare   prints for each function its name, how many results are not those of
//                             the C library, and by how many units in the last place at most
//
// Half of the arguments are random numbers of a range, half random bits that lie in it.
#include <cstdio>
#include <cstdlib>

#include "math.h"

namespace {

int arguments = 0;

class Random {
 public:
  std::uint64_t bits() {
    // splitmix64 of G. Steele, D. Lea and C. Flood, 2014
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  double between(double low, double high) {
    return low + (high - low) * (static_cast<double>(bits() >> 11) * 0x1p-53);
  }
  void draw(float& x) { x = fxchain::single_of(static_cast<std::uint32_t>(bits())); }
  void draw(double& x) { x = fxchain::double_of(bits()); }
  template <typename Real>
  Real within(double low, double high) {
    Real x = static_cast<Real>(between(low, high));
    if (bits() & 1) return x;
    do draw(x);
    while (!(x >= low && x <= high));
    return x;
  }

 private:
  std::uint64_t state_ = 1;
};

std::uint64_t hash = 0xcbf29ce484222325u;
void take(std::uint64_t bits) { hash = (hash ^ bits) * 0x100000001b3u; }

template <typename Real>
struct Comparison {
  const char* name;
  long different = 0;
  double most = 0.0;

  void add(Real made, Real wanted) {
    if (fxchain::bits_of(made) == fxchain::bits_of(wanted)) return;
    ++different;
    const Real size = std::fabs(wanted);
    const double unit = std::nextafter(size, static_cast<Real>(INFINITY)) - size;
    const double units = std::fabs(made - wanted) / unit;
    if (!(units <= most)) most = units;
  }
  void print() const { std::printf("%s %ld %g\n", name, different, most); }
};

template <typename Real>
struct Function {
  const char* name;
  Real (*own)(Real);
  Real (*other)(Real);
  double low, high;

  void run(bool compares) const {
    Random random;
    Comparison<Real> comparison = {name};
    for (int n = 0; n < arguments; ++n) {
      const Real x = random.within<Real>(low, high), made = own(x);
      take(fxchain::bits_of(made));
      if (compares) comparison.add(made, other(x));
    }
    if (compares) comparison.print();
  }
};

void run_power(bool compares) {
  Random random;
  Comparison<float> comparison = {"pow_single"};
  for (int n = 0; n < arguments; ++n) {
    const bool far = random.bits() & 1;
    const float base = far ? random.within<float>(0.0, 3.4e38) : random.within<float>(1e-4, 1e4);
    const float exponent = far ? random.within<float>(-1e3, 1e3) : random.within<float>(-5.0, 5.0);
    const float made = fxchain::pow(base, exponent);
    take(fxchain::bits_of(made));
    if (compares) comparison.add(made, std::pow(base, exponent));
  }
  if (compares) comparison.print();
}

#define OF(kind, name) \
  [](kind x) { return fxchain::name(x); }, [](kind x) -> kind { return std::name(x); }

}  // namespace

int main(int count, char** given) {
  arguments = count > 1 ? std::atoi(given[1]) : 0;
  const bool compares = count > 2;
  // The tangent is that of the C library up to 0.45 of the sample rate; a gain, a time and a
  // frequency are positive.
  const Function<float> singles[] = {
      {"sin_single", OF(float, sin), -119.0, 119.0}, {"cos_single", OF(float, cos), -119.0, 119.0},
      {"tan_single", OF(float, tan), 0.0, 1.4138},   {"tanh_single", OF(float, tanh), -30.0, 30.0},
      {"exp_single", OF(float, exp), -110.0, 90.0},  {"log_single", OF(float, log), 1e-45, 3.4e38},
      {"log10_single", OF(float, log10), 1e-45, 3.4e38},
  };
  const Function<double> doubles[] = {
      {"sin", OF(double, sin), -1e9, 1e9},       {"cos", OF(double, cos), -1e9, 1e9},
      {"tan", OF(double, tan), -1.5, 1.5},       {"tanh", OF(double, tanh), -30.0, 30.0},
      {"exp", OF(double, exp), -700.0, 700.0},   {"log", OF(double, log), 5e-324, 1.7e308},
      {"log10", OF(double, log10), 1e-12, 1e12},
      {"power_of_ten", [](double x) { return fxchain::power_of_ten(x); },
       [](double x) { return std::pow(10.0, x); }, -300.0, 300.0},
  };
  for (const auto& each : singles) each.run(compares);
  for (const auto& each : doubles) each.run(compares);
  run_power(compares);
  if (!compares) std::printf("%016llx\n", static_cast<unsigned long long>(hash));
}
