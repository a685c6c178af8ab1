"""A preset as the files of a plug-in: VST3, CLAP or LV2."""

import json
import plistlib
import struct
from collections.abc import Sequence

from fxchain.errors import ExportError
from fxchain.export.lv2_turtle import manifest, plugin_turtle
from fxchain.native.plugins import Description, Target, compiled_plugin

#: The version of every plug-in: another preset is another plug-in.
_VERSION = "1.0.0"
#: A binary on macOS is signed by the compiler; data behind its end would void that.
_PRESET = "Contents/Resources/preset.bin"
#: Processors of macOS: type and subtype.
_PROCESSORS = {"macos-x86_64": (0x01000007, 3), "macos-arm64": (0x0100000C, 0)}
#: Parts of a binary for several processors begin at multiples of 2 to this power.
_ALIGNMENT = 14


def plugin_files(
    form: str, description: Description, targets: Sequence[Target]
) -> dict[str, bytes]:
    """Return the files of a plug-in by their paths in its folder; one named "" is no folder.

    Args:
        form: "vst3", "clap" or "lv2"
        description: the plug-in
        targets: the machines; several for VST3, and for macOS in any form

    Raises:
        ExportError: several machines in a form that holds one, or the compiler is missing or fails.
    """
    binaries = _binaries(description, targets)
    if form == "vst3":
        return _vst3(description, binaries)
    if len(binaries) > 1:
        raise ExportError(
            f"--format {form}: such a plug-in is for one --target (macos-x86_64 and macos-arm64 go "
            "together); write one for each"
        )
    target, binary = binaries[0]
    if form == "clap":
        return _clap(description, target, binary)
    return _lv2(description, target, binary)


def _binaries(description: Description, targets: Sequence[Target]) -> list[tuple[Target, bytes]]:
    """Return a binary for each machine, those for macOS as one, the others with the preset."""
    made = {target: compiled_plugin(target) for target in dict.fromkeys(targets)}
    apple = {target: binary for target, binary in made.items() if target.is_macos}
    found = [
        (target, binary + description.data)
        for target, binary in made.items()
        if not target.is_macos
    ]
    if apple:
        joined = _universal(apple) if len(apple) > 1 else next(iter(apple.values()))
        found.append((next(iter(apple)), joined))
    return found


def _universal(binaries: dict[Target, bytes]) -> bytes:
    """Return binaries for several processors as one, in the form of macOS."""
    head = struct.pack(">II", 0xCAFEBABE, len(binaries))
    step = 1 << _ALIGNMENT
    body = b""
    for target, binary in binaries.items():
        offset = step + len(body)
        head += struct.pack(">5I", *_PROCESSORS[target.name], offset, len(binary), _ALIGNMENT)
        body += binary + bytes(-len(binary) % step)
    return head.ljust(step, b"\0") + body


def _vst3(description: Description, binaries: list[tuple[Target, bytes]]) -> dict[str, bytes]:
    files = {"Contents/Resources/moduleinfo.json": _module_info(description)}
    for target, binary in binaries:
        place = f"Contents/{target.vst3_folder}/{description.name}{target.suffix}"
        files[place] = binary
        if target.is_macos:
            files |= _apple(description)
    return files


def _clap(description: Description, target: Target, binary: bytes) -> dict[str, bytes]:
    if target.is_macos:
        return {f"Contents/MacOS/{description.name}": binary, **_apple(description)}
    return {"": binary}


def _lv2(description: Description, target: Target, binary: bytes) -> dict[str, bytes]:
    name = f"plugin{target.library_suffix}"
    files = {
        name: binary,
        "manifest.ttl": manifest(description, name).encode(),
        "plugin.ttl": plugin_turtle(description).encode(),
    }
    return {**files, "preset.bin": description.data} if target.is_macos else files


def _apple(description: Description) -> dict[str, bytes]:
    """Return what a folder of macOS holds beside its binary."""
    listed = {
        "CFBundleDevelopmentRegion": "en",
        "CFBundleExecutable": description.name,
        "CFBundleIdentifier": f"fxchain.{description.id}",
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleName": description.name,
        "CFBundlePackageType": "BNDL",
        "CFBundleShortVersionString": _VERSION,
        "CFBundleSignature": "????",
        "CFBundleVersion": _VERSION,
    }
    return {
        "Contents/Info.plist": plistlib.dumps(listed),
        "Contents/PkgInfo": b"BNDL????",
        _PRESET: description.data,
    }


def _module_info(description: Description) -> bytes:
    """Return what a host of VST3 reads in place of loading the binary."""
    vendor = {"Vendor": "fxchain", "URL": "", "E-Mail": ""}
    flags = {
        "Unicode": True,
        "Classes Discardable": False,
        "Component Non Discardable": False,
    }
    listed = {
        "CID": description.id.upper(),
        "Category": "Audio Module Class",
        "Name": description.name,
        "Vendor": "fxchain",
        "Version": _VERSION,
        "SDKVersion": "VST 3.7",
        "Sub Categories": ["Fx"] if description.channels else ["Instrument", "Synth"],
        "Class Flags": 0,
        "Cardinality": 0x7FFFFFFF,
        "Snapshots": [],
    }
    made = {
        "Name": description.name,
        "Version": _VERSION,
        "Factory Info": {**vendor, "Flags": flags},
        "Compatibility": [],
        "Classes": [listed],
    }
    return json.dumps(made, indent=2, ensure_ascii=False).encode()
