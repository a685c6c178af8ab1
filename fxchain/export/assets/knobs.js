"use strict";
const preset = JSON.parse(document.getElementById("preset").textContent);
const text = (id) => document.getElementById(id).textContent.trim();

// The bytes behind base64 of gzip.
async function unpacked(id) {
  const packed = Uint8Array.from(atob(text(id)), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

const element = (id) => document.getElementById(id);
const knobs = preset.knobs.map((knob) => ({ ...knob, now: knob.value }));
let playing = null;

// A node that plays the preset; the same for live play and for offline rendering. Without channels it
// plays notes.
async function makeNode(context, channels) {
  const source = element("processor").textContent;
  // pages that are opened as files may not load a module from a blob
  await context.audioWorklet.addModule("data:text/javascript;base64," + btoa(source));
  const module = await WebAssembly.compile(await unpacked("player"));
  const node = new AudioWorkletNode(context, "fxchain", {
    numberOfInputs: channels ? 1 : 0,
    numberOfOutputs: 1,
    outputChannelCount: [channels || 2],
    ...(channels && { channelCount: channels }),
    channelCountMode: "explicit",
    channelInterpretation: "speakers",
    processorOptions: { module, data: await unpacked("data"), channels },
  });
  await new Promise((ready, failed) => {
    node.port.onmessage = ready;
    // what the processor throws, such as a trap for want of memory, is not passed on
    node.onprocessorerror = () =>
      failed(new Error("the player could not start; its memory may not suffice at this rate"));
  });
  return node;
}

const positionOf = (knob, value) =>
  knob.log
    ? Math.log(value / knob.low) / Math.log(knob.high / knob.low)
    : (value - knob.low) / (knob.high - knob.low);
const valueAt = (knob, position) =>
  knob.log
    ? knob.low * Math.pow(knob.high / knob.low, position)
    : knob.low + position * (knob.high - knob.low);
const shown = (knob, value) =>
  knob.choices.length ? knob.choices[Math.round(value)] : `${+value.toPrecision(4)} ${knob.unit}`;

function send(index, value) {
  if (playing) playing.node.port.postMessage({ knob: index, value });
}

// B are the knobs as they are turned, A those of the preset.
const isA = () => element("ab").getAttribute("aria-pressed") === "true";
function sendAll() {
  knobs.forEach((knob, index) => send(index, isA() ? knob.value : knob.now));
}

function addKnob(knob, index, group) {
  const row = document.createElement("label");
  const name = document.createElement("span");
  const slider = document.createElement("input");
  const output = document.createElement("output");
  name.textContent = knob.name;
  slider.type = "range";
  slider.min = 0;
  slider.max = knob.choices.length ? knob.choices.length - 1 : 1;
  slider.step = knob.choices.length ? 1 : 0.001;
  slider.dataset.knob = index;
  const show = () => {
    output.textContent = shown(knob, knob.now);
    slider.setAttribute("aria-valuetext", output.textContent);
  };
  const place = () => {
    slider.value = knob.choices.length ? knob.now : positionOf(knob, knob.now);
    show();
  };
  slider.addEventListener("input", () => {
    knob.now = knob.choices.length ? +slider.value : valueAt(knob, +slider.value);
    show();
    if (!isA()) send(index, knob.now);
  });
  slider.addEventListener("dblclick", () => {
    knob.now = knob.value;
    place();
    if (!isA()) send(index, knob.now);
  });
  knob.place = place;
  place();
  row.append(name, slider, output);
  group.append(row);
}

function addKnobs() {
  let group = null;
  knobs.forEach((knob, index) => {
    if (!group || group.dataset.stage !== knob.stage) {
      group = document.createElement("fieldset");
      group.dataset.stage = knob.stage;
      const legend = document.createElement("legend");
      legend.textContent = knob.stage;
      group.append(legend);
      element("knobs").append(group);
    }
    addKnob(knob, index, group);
  });
}

function say(sentence) {
  element("state").textContent = sentence;
}

// Show the peaks of analysers, by the names of their meters, while something plays.
function meter() {
  if (!playing) return;
  for (const [id, analyser] of Object.entries(playing.meters)) {
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    const peak = samples.reduce((most, each) => Math.max(most, Math.abs(each)), 1e-6);
    element(`meter-${id}`).value = 20 * Math.log10(peak);
  }
  requestAnimationFrame(meter);
}

// Play what connect(context) connects, or say why that cannot be.
async function begin(connect) {
  const context = new AudioContext({ latencyHint: "interactive" });
  try {
    playing = { context, ...(await connect(context)) };
    sendAll();
    await context.resume();
    const seconds = (context.baseLatency || 0) + (context.outputLatency || 0);
    say(
      `Playing at ${context.sampleRate} Hz. The preset adds no latency; ` +
        `the browser's output has ${(1000 * seconds).toFixed(1)} ms.`,
    );
    requestAnimationFrame(meter);
  } catch (error) {
    await context.close();
    say(`Cannot play: ${error.message}`);
  }
}

element("ab").addEventListener("click", () => {
  element("ab").setAttribute("aria-pressed", String(!isA()));
  element("ab").textContent = isA() ? "A: the preset" : "B: the knobs below";
  sendAll();
});
element("reset").addEventListener("click", () => {
  knobs.forEach((knob) => {
    knob.now = knob.value;
    knob.place();
  });
  sendAll();
});
addKnobs();
