// The server under test: started on free ports with a data directory of its own, stopped by SIGTERM, and started again to
// see that nothing was lost.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const readyMsMax = 300_000; // then it hangs

/** The program named by SEXTANT_BIN, or the newest one built. */
export function serverBinary() {
  const named = process.env.SEXTANT_BIN;
  if (named) {
    if (!existsSync(named)) throw new Error(`SEXTANT_BIN is ${named}, which does not exist`);
    return named;
  }
  const built = ['release', 'dev']
    .map((preset) => join(root, 'build', preset, 'sextant'))
    .filter((path) => existsSync(path));
  if (built.length === 0)
    throw new Error('there is no build/release/sextant and no build/dev/sextant; cure: make build, or set SEXTANT_BIN');
  return built.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

export class Server {
  constructor(binary) {
    this.binary = binary;
    this.directory = mkdtempSync(join(tmpdir(), 'sextant-clients-data-'));
    this.addresses = null;
  }

  /** Resolves when the server says that it is ready. */
  async start() {
    const free = '127.0.0.1:0';
    const args = [
      'serve',
      '--data-dir',
      this.directory,
      '--listen',
      free,
      '--otlp-grpc-listen',
      free,
      '--otlp-http-listen',
      free,
    ];
    this.child = spawn(this.binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.log = '';
    this.child.stderr.on('data', (text) => (this.log += text));
    this.exited = once(this.child, 'exit');
    this.addresses = JSON.parse(await Promise.race([this.#readyLine(), this.#diedOrLate()]));
  }

  async #readyLine() {
    for await (const line of createInterface({ input: this.child.stdout })) {
      if (line.startsWith('ready ')) return line.slice('ready '.length);
    }
    return new Promise(() => {});
  }

  async #diedOrLate() {
    const late = new Promise((resolve) => setTimeout(resolve, readyMsMax, ['was not ready in time']).unref());
    const [code] = await Promise.race([this.exited, late]);
    throw new Error(`${this.binary} serve: ${code}\n${this.log}`);
  }

  /** What a program needs to send its traces here. */
  environment({ protocol, compression = 'none' }) {
    const address = protocol === 'grpc' ? this.addresses.otlp_grpc : this.addresses.otlp_http;
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${address}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
    };
  }

  async get(path) {
    const answer = await fetch(`http://${this.addresses.http}${path}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return JSON.parse(text);
  }

  /** Stops it as an administrator would; whatever else than a clean exit is an error. */
  async stop() {
    this.child.kill('SIGTERM');
    const [code, signal] = await this.exited;
    if (code !== 0) throw new Error(`sextant ended with ${signal ?? code} after SIGTERM\n${this.log}`);
  }

  /** Stops it if need be and removes its data. */
  async remove() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      await this.exited;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
