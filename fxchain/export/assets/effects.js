"use strict";
async function stop() {
  if (!playing) return;
  const { context, stream } = playing;
  playing = null;
  if (stream) stream.getTracks().forEach((track) => track.stop());
  await context.close();
  say("Stopped.");
}

// Connect a source through the preset, with the way around it and both meters.
async function start(open) {
  await stop();
  await begin(async (context) => {
    const { source, stream, channels } = await open.source(context);
    const node = await makeNode(context, channels);
    const [wet, dry] = [context.createGain(), context.createGain()];
    const [heard, made] = [context.createAnalyser(), context.createAnalyser()];
    source.connect(heard);
    source.connect(node).connect(wet).connect(made);
    source.connect(dry).connect(made);
    made.connect(context.destination);
    bypass({ wet, dry });
    return { node, wet, dry, meters: { in: heard, out: made }, stream, source };
  });
}

function bypass(nodes) {
  if (!nodes) return;
  const around = element("bypass").checked;
  for (const [node, gain] of [[nodes.wet, around ? 0 : 1], [nodes.dry, around ? 1 : 0]])
    node.gain.setTargetAtTime(gain, node.context.currentTime, 0.005);
}

async function listInputs() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const inputs = devices.filter((each) => each.kind === "audioinput");
  element("device").replaceChildren(
    ...inputs.map((each, index) => new Option(each.label || `input ${index + 1}`, each.deviceId)),
  );
}

element("file").addEventListener("change", ({ target: { files } }) => {
  if (!files.length) return;
  start({
    source: async (context) => {
      const buffer = await context.decodeAudioData(await files[0].arrayBuffer());
      const source = new AudioBufferSourceNode(context, { buffer, loop: true });
      source.start();
      return { source, channels: Math.min(buffer.numberOfChannels, 2) };
    },
  });
});

element("live").addEventListener("click", () =>
  start({
    source: async (context) => {
      const audio = {
        deviceId: element("device").value || undefined,
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: false,
      };
      const stream = await navigator.mediaDevices.getUserMedia({ audio });
      await listInputs();
      return { source: context.createMediaStreamSource(stream), stream, channels: 1 };
    },
  }),
);
element("stop").addEventListener("click", stop);
element("bypass").addEventListener("change", () => bypass(playing));
