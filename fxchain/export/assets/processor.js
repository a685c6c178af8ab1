// Plays blocks of audio through the player. It is given the compiled player, the preset's data and
// the number of channels, says when it is ready, and takes messages {knob, value}.
class FxchainProcessor extends AudioWorkletProcessor {
  constructor(options) {
    super();
    const { module, data, channels } = options.processorOptions;
    const nothing = new Proxy({}, { get: () => () => 0 });
    const imports = {};
    for (const { module: from } of WebAssembly.Module.imports(module)) imports[from] = nothing;
    this.player = new WebAssembly.Instance(module, imports).exports;
    if (this.player._initialize) this.player._initialize();
    const bytes = new Uint8Array(data);
    const place = this.player.allocate(bytes.length);
    new Uint8Array(this.player.memory.buffer, place, bytes.length).set(bytes);
    this.player.load();
    this.channels = channels;
    this.port.onmessage = ({ data: { knob, value } }) => this.player.set(knob, value);
    this.outputs = this.player.begin(sampleRate, channels);
    this.port.postMessage("ready");
  }

  process([input], [output]) {
    const { memory, play } = this.player;
    const count = output[0].length;
    const view = (place) => new Float32Array(memory.buffer, place, count);
    for (let c = 0; c < this.channels; c++) {
      const heard = input[Math.min(c, input.length - 1)];
      if (heard) view(this.player.input(c)).set(heard);
      else view(this.player.input(c)).fill(0);
    }
    play(count);
    for (let c = 0; c < output.length; c++)
      output[c].set(view(this.player.output(Math.min(c, this.outputs - 1))));
    return true;
  }
}
registerProcessor("fxchain", FxchainProcessor);
