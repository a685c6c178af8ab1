"""How much of one core live play needs, how long exports take, how smoothly knobs turn.

    python benchmarks/realtime.py [--seconds 10] [--chains 20]

Loads are processor time over the time of the audio, of stereo at 44.1 kHz: the plug-in (as LV2) in
blocks of 256 samples, WebAssembly in node in blocks of 128, as in a browser; of three runs the
fastest. The first blocks are not counted. Each row is printed as it ends.
"""

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from lv2_host import Lv2Host

from fxchain.child_process import module_command
from fxchain.data.presets import decaying_noise, hidden_chain
from fxchain.data.signals import white_noise
from fxchain.export.plugin_bundle import plugin_files
from fxchain.native import compiled_player, preset_data
from fxchain.native.plugins import described, own_target
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.stage import Effect
from fxchain.structure.named import named_chain

RATE_HZ = 44_100
BLOCK, BROWSER_BLOCK = 256, 128
TAPS = 65_536
RUNS = 3
#: Hz, of the tone that plays while knobs turn.
TONE_HZ = 100.0
#: Hz, above which nothing belongs to the tone.
FAR_HZ = 5_000.0
NODE = """
const fs = require("fs");
const [wasm, data, audio] = process.argv.slice(2, 5).map((name) => fs.readFileSync(name));
const [rate, block, runs] = process.argv.slice(5).map(Number);
const rows = new Float32Array(audio.buffer, audio.byteOffset, audio.length / 4);
const count = rows.length / 2;
const none = () => 0;
const wasi = new Proxy({}, { get: () => none });
WebAssembly.instantiate(wasm, { wasi_snapshot_preview1: wasi }).then(({ instance }) => {
  const player = instance.exports;
  player._initialize();
  const at = player.allocate(data.length);
  new Uint8Array(player.memory.buffer, at, data.length).set(data);
  player.load();
  player.begin(rate, 2);
  const play = (from) => {
    for (let c = 0; c < 2; c++)
      new Float32Array(player.memory.buffer, player.input(c), block).set(
        rows.subarray(c * count + from, c * count + from + block));
    player.play(block);
  };
  let best = Infinity;
  for (let run = 0; run <= runs; run++) {
    const begun = process.cpuUsage();
    for (let from = 0; from + block <= count; from += block) play(from);
    const spent = process.cpuUsage(begun);
    if (run) best = Math.min(best, (spent.user + spent.system) / 1e6);
  }
  console.log(best / (count / rate));
});
"""


def main() -> None:
    """Print every row as it ends."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of audio in each run")
    parser.add_argument("--chains", type=int, default=20, help="random chains")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, figure in rows(folder, options.seconds, options.chains):
            print(f"{name:<58} {figure}", flush=True)


def rows(folder: Path, seconds: float, chains: int) -> Iterator[tuple[str, str]]:
    """Yield the name and the figure of each row."""
    noise = (0.3 * white_noise(seconds, RATE_HZ, seed=1, channels=2)).astype(np.float32)
    silence = np.zeros_like(noise)
    default, response = default_chain(), response_of(TAPS)
    knobs = len(default.stage.slots())
    for name, preset in ((f"default chain, {knobs} knobs", default), (f"{TAPS} taps", response)):
        host = hosted(preset, folder)
        yield f"plug-in, {name}", percent(plugin_load(host, noise))
        yield f"plug-in, {name}, silence", percent(plugin_load(host, silence))
        yield f"plug-in, {name}, a knob turning", percent(turning_load(host, noise))
        yield f"plug-in, {name}, longest block of {BLOCK}", longest_block(host, noise)
        host.close()
        if shutil.which("node") is not None:
            yield f"WebAssembly, {name}", percent(browser_load(preset, noise, folder))
            yield f"WebAssembly, {name}, silence", percent(browser_load(preset, silence, folder))
    loads = []
    for seed in range(chains):
        preset = Preset(*hidden_chain(np.random.default_rng(seed), RATE_HZ), RATE_HZ)
        host = hosted(preset, folder)
        loads.append(plugin_load(host, noise[:, : 2 * RATE_HZ]))
        host.close()
    if loads:
        spread = f"{percent(float(np.median(loads)))}, most {percent(max(loads))}"
        yield f"plug-in, {chains} random chains, median", spread
    yield from exports(folder, default)
    yield from steps(folder)


def default_chain() -> Preset:
    """Return the chain `default` at the values from which a match begins."""
    named = named_chain("default", response=False)
    return Preset(named.stage, named.values, RATE_HZ)


def response_of(taps: int) -> Preset:
    """Return a stereo response that decays."""
    response = decaying_noise(np.random.default_rng(1), 2, taps)
    effect = Effect(REGISTRY["convolution"], {"impulse_response": response})
    return Preset(effect, np.array([0.8]), RATE_HZ)


def hosted(preset: Preset, folder: Path) -> Lv2Host:
    """Return a preset as a plug-in with two channels, loaded."""
    parts = (preset.stage, preset.values, preset.routing, preset.sample_rate, 2)
    bundle = Path(tempfile.mkdtemp(suffix=".lv2", dir=folder))
    for name, data in plugin_files("lv2", described("Measured", *parts), [own_target()]).items():
        (bundle / name).write_bytes(data)
    return Lv2Host(bundle, RATE_HZ)


def plugin_load(host: Lv2Host, audio: np.ndarray) -> float:
    """Return the share of a core."""
    host.play(audio[:, :RATE_HZ], BLOCK)
    spent = []
    for _ in range(RUNS):
        begun = time.thread_time()
        host.go_on(audio, BLOCK)
        spent.append(time.thread_time() - begun)
    return min(spent) / (audio.shape[1] / RATE_HZ)


def turning_load(host: Lv2Host, audio: np.ndarray) -> float:
    """Return the share of a core while one knob is turned before each block."""
    control = list(host.controls.values())[1]
    spent, former = 0.0, control.value
    for begin in range(0, RATE_HZ, BLOCK):
        control.value = former * (1.0 if begin // BLOCK % 2 else 0.9)
        begun = time.thread_time()
        host.go_on(audio[:, begin : begin + BLOCK], BLOCK)
        spent += time.thread_time() - begun
    control.value = former
    return spent


def longest_block(host: Lv2Host, audio: np.ndarray) -> str:
    """Return how long the most expensive block takes, and that as a share of its time."""
    host.play(audio[:, :RATE_HZ], BLOCK)
    spent = np.full(2 * RATE_HZ // BLOCK, np.inf)
    for _ in range(RUNS):
        host.described.activate(host.here)
        for place in range(len(spent)):
            part = audio[:, place * BLOCK : (place + 1) * BLOCK]
            begun = time.thread_time()
            host.go_on(part, BLOCK)
            spent[place] = min(spent[place], time.thread_time() - begun)
    longest = float(spent.max())
    return f"{1e6 * longest:.0f} µs = {percent(longest / (BLOCK / RATE_HZ))}"


def browser_load(preset: Preset, audio: np.ndarray, folder: Path) -> float:
    """Return the share of a core of the player as WebAssembly in node."""
    parts = (preset.stage, preset.values, preset.routing, preset.sample_rate)
    files = {
        "player.js": NODE.encode(),
        "player.wasm": compiled_player(),
        "preset.bin": preset_data(*parts),
        "audio.bin": np.ascontiguousarray(audio, "<f4").tobytes(),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    command = ["node", *files, str(RATE_HZ), str(BROWSER_BLOCK), str(RUNS)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return float(done.stdout)


def exports(folder: Path, preset: Preset) -> Iterator[tuple[str, str]]:
    """Yield how long exports take: processor time and time on the clock."""
    preset.save(folder / "preset.json")
    both = ("nothing compiled before", "again")
    for form, out, states in (
        ("cpp", "a", ("which needs no compiler",)),
        ("web", "a.html", both),
        ("vst3", "a.vst3", both),
    ):
        caches = {"XDG_CACHE_HOME": str(folder / form), "ZIG_GLOBAL_CACHE_DIR": str(folder / form)}
        command = ["export", "preset.json", "--format", form, "--out", out, "--force"]
        for state in states:
            begun, spent = time.monotonic(), children_seconds()
            subprocess.run(
                module_command("fxchain", *command),
                cwd=folder,
                env={**os.environ, **caches},
                check=True,
            )
            clock, processor = time.monotonic() - begun, children_seconds() - spent
            yield f"export --format {form}, {state}", f"{processor:.1f} s (clock {clock:.1f} s)"
    yield "page without responses", f"{(folder / 'a.html').stat().st_size / 1024:.0f} KiB"


def children_seconds() -> float:
    """Return the processor time of all processes that were started and have ended, s."""
    times = os.times()
    return times.children_user + times.children_system


def steps(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the knobs that are heard most far from a tone when they are turned over their range.

    What lies above `FAR_HZ` in the half second around the turn, less what lies there before or long
    behind it, over the loudest of the three half seconds, in dB.
    """
    count = 2 * RATE_HZ
    tone = 0.25 * np.sin(2.0 * np.pi * TONE_HZ * np.arange(count) / RATE_HZ)
    tones = np.stack([tone, tone]).astype(np.float32)
    found = []
    for kind, primitive in REGISTRY.items():
        if primitive.realtime is None or primitive.assets:
            continue
        defaults = np.array([spec.default for spec in primitive.parameters])
        for place, spec in enumerate(primitive.parameters):
            host = hosted(Preset(Effect(primitive), defaults, RATE_HZ), folder)
            control = list(host.controls.values())[1 + place]
            control.value = spec.low
            before = host.play(tones, BLOCK)[0]
            control.value = spec.high
            behind = host.go_on(tones, BLOCK)[0]
            host.close()
            half = RATE_HZ // 4
            turned = np.concatenate([before[-half:], behind[:half]])
            parts = [
                spectrum(part)
                for part in (turned, before[-4 * half : -2 * half], behind[-2 * half :])
            ]
            all_of, far_of = zip(*parts, strict=True)
            heard = max(far_of[0] - max(far_of[1:]), 1e-30) / max(*all_of, 1e-30)
            found.append((10.0 * np.log10(heard), f"{kind}.{spec.name}"))
    found.sort(reverse=True)
    yield f"{len(found)} knobs turned over their range, far from the tone", ""
    for level_db, name in found[:8]:
        yield f"  {name}", f"{level_db:.0f} dB"


def spectrum(audio: np.ndarray) -> tuple[float, float]:
    """Return the energy of (samples,) behind a Hann window, all of it and that above `FAR_HZ`."""
    energies = np.abs(np.fft.rfft(audio * np.hanning(len(audio)))) ** 2
    far = np.fft.rfftfreq(len(audio), 1.0 / RATE_HZ) > FAR_HZ
    return float(energies.sum()), float(energies[far].sum())


def percent(share: float) -> str:
    """Return a share in percent."""
    return f"{100.0 * share:.2f} %"


if __name__ == "__main__":
    main()
