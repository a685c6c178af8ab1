"""Names, controls and texts in C++."""

import json
from collections.abc import Sequence

from fxchain.parameter import ParameterSpec


def class_name(kind: str) -> str:
    """Return the name of the C++ class of a kind of effect: `ring_modulator`, `RingModulator`."""
    return "".join(word.capitalize() for word in kind.split("_"))


def knob_struct(name: str, specs: Sequence[ParameterSpec]) -> str:
    """Return a struct of controls by name, made of their values in order."""
    names = [spec.name for spec in specs]
    if not names:
        return f"struct {name} {{\n  explicit {name}(const double*) {{}}\n}};"
    taken = ", ".join(f"{each}(values[{place}])" for place, each in enumerate(names))
    return (
        f"struct {name} {{\n  double {', '.join(names)};\n"
        f"  explicit {name}(const double* values) : {taken} {{}}\n}};"
    )


def knob_text(spec: ParameterSpec) -> str:
    """Return a control as a `Knob`."""
    ends = ", ".join(repr(float(each)) for each in (spec.low, spec.high, spec.default))
    scale = "true" if spec.scale == "log" else "false"
    whole = "true" if spec.choices else "false"
    return f"{{{cpp_text(spec.name)}, {cpp_text(spec.unit)}, {ends}, {scale}, {whole}}}"


def cpp_text(words: str) -> str:
    """Return a C++ text; what is no ASCII in it stays UTF-8."""
    return json.dumps(words, ensure_ascii=False)
