// Runs a WebAssembly program: node wasi.mjs PROGRAM ARGUMENT…
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const given = process.argv.slice(2);
const wasi = new WASI({ version: "preview1", args: given });
const module = await WebAssembly.compile(await readFile(given[0]));
wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
