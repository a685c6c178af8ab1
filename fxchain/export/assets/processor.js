// Plays blocks of audio through the player. It is given the compiled player, the preset's data and
// the number of channels, 0 of an instrument, says when it is ready, and takes messages {knob, value}
// and {midi: [status, first, second], frame}, which is played at once where its frame has passed.
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
    this.notes = [];
    this.port.onmessage = ({ data: { knob, value, midi, frame = 0 } }) => {
      if (!midi) return this.player.set(knob, value);
      const later = this.notes.findIndex((each) => each.frame > frame);
      this.notes.splice(later < 0 ? this.notes.length : later, 0, { midi, frame });
    };
    this.outputs = this.player.begin(sampleRate, channels || 1);
    this.port.postMessage("ready");
  }

  process([input], [output]) {
    const { memory } = this.player;
    const total = output[0].length;
    for (let begin = 0; begin < total;) {
      while (this.notes.length && this.notes[0].frame <= currentFrame + begin)
        this.player.midi(...this.notes.shift().midi);
      const next = this.notes.length ? this.notes[0].frame - currentFrame : total;
      const count = Math.min(next, total) - begin;
      this.part(input, output, begin, count, memory);
      begin += count;
    }
    return true;
  }

  part(input, output, begin, count, memory) {
    const view = (place) => new Float32Array(memory.buffer, place, count);
    for (let c = 0; c < this.channels; c++) {
      const heard = input[Math.min(c, input.length - 1)];
      if (heard) view(this.player.input(c)).set(heard.subarray(begin, begin + count));
      else view(this.player.input(c)).fill(0);
    }
    this.player.play(count);
    for (let c = 0; c < output.length; c++)
      output[c].set(view(this.player.output(Math.min(c, this.outputs - 1))), begin);
  }
}
registerProcessor("fxchain", FxchainProcessor);
