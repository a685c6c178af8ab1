"use strict";
// The keys of the computer, by their places on it, from C on.
const places = [
  ..."KeyA KeyW KeyS KeyE KeyD KeyF KeyT KeyG KeyY KeyH KeyU KeyJ KeyK KeyO KeyL KeyP".split(" "),
  "Semicolon",
];
const names = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
let lowest = Math.min(12 * Math.floor(preset.key / 12), 108);
const held = new Map(); // what is pressed on the computer's keyboard or with a pointer: its key

async function stop() {
  if (!playing) return;
  const { context } = playing;
  playing = null;
  held.clear();
  showHeld();
  await context.close();
  say("Stopped.");
}

// Begin once, at the first key: browsers allow sound only where something was pressed.
let starting = null;
async function start() {
  if (playing) return;
  starting ??= begin(async (context) => {
    const node = await makeNode(context, 0);
    const made = context.createAnalyser();
    node.connect(made).connect(context.destination);
    return { node, meters: { out: made } };
  }).finally(() => (starting = null));
  await starting;
}

function sendMidi(...midi) {
  if (playing) playing.node.port.postMessage({ midi });
}

async function press(by, key) {
  if (held.has(by)) return;
  held.set(by, key);
  await start();
  if (!held.has(by)) return; // let go meanwhile
  sendMidi(0x90, key, +element("velocity").value);
  showHeld();
}

function letGo(by) {
  if (!held.has(by)) return;
  sendMidi(0x80, held.get(by), 0);
  held.delete(by);
  showHeld();
}

function showHeld() {
  const keys = new Set(held.values());
  for (const button of element("keys").children)
    button.setAttribute("aria-pressed", String(keys.has(+button.dataset.key)));
}

function addKeys() {
  element("keys").replaceChildren(
    ...places.map((place, step) => {
      const key = lowest + step;
      const button = document.createElement("button");
      const name = names[key % 12];
      button.type = "button";
      button.dataset.key = key;
      button.className = name.length > 1 ? "black" : "white";
      button.textContent = `${name}${Math.floor(key / 12) - 1}`;
      button.addEventListener("pointerdown", (event) => {
        button.releasePointerCapture(event.pointerId);
        press("pointer", key);
      });
      button.addEventListener("pointerenter", (event) => {
        if (!event.buttons) return;
        letGo("pointer");
        press("pointer", key);
      });
      // Enter and the space bar hold a key as a pointer does
      button.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") press("focus", key);
      });
      button.addEventListener("keyup", () => letGo("focus"));
      button.addEventListener("blur", () => letGo("focus"));
      return button;
    }),
  );
  showHeld();
}

function move(octaves) {
  const moved = lowest + 12 * octaves;
  if (moved < 0 || moved + places.length > 128) return;
  lowest = moved;
  addKeys();
}

const types = (event) => ["INPUT", "SELECT"].includes(event.target.tagName);
window.addEventListener("keydown", (event) => {
  const step = places.indexOf(event.code);
  if (step < 0 || event.repeat || event.ctrlKey || event.metaKey || event.altKey || types(event))
    return;
  press(event.code, lowest + step);
});
window.addEventListener("keyup", (event) => letGo(event.code));
for (const name of ["pointerup", "pointercancel"])
  window.addEventListener(name, () => letGo("pointer"));
window.addEventListener("blur", () => [...held.keys()].forEach(letGo));

async function listen() {
  if (!navigator.requestMIDIAccess) return say("This browser has no Web MIDI; play with the keys.");
  try {
    const access = await navigator.requestMIDIAccess();
    await start();
    const connect = () => {
      for (const input of access.inputs.values())
        input.onmidimessage = ({ data }) => sendMidi(data[0], data[1] ?? 0, data[2] ?? 0);
      const found = [...access.inputs.values()].map((each) => each.name);
      say(found.length ? `Listening to ${found.join(", ")}.` : "No MIDI keyboard is connected.");
    };
    access.onstatechange = connect;
    connect();
  } catch (error) {
    say(`Cannot listen to MIDI: ${error.message}`);
  }
}

element("play").addEventListener("click", start);
element("stop").addEventListener("click", stop);
element("midi").addEventListener("click", listen);
element("lower").addEventListener("click", () => move(-1));
element("higher").addEventListener("click", () => move(1));
addKeys();
