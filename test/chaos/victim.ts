import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { type RunningProcess, startProcess } from '../kit/child-process.ts';
import { parseExposition, type Sample, seriesValue } from '../kit/exposition.ts';
import type { Random } from '../kit/random-numbers.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';

/** As it is shipped, which starts several times faster than from its sources. */
const CLI = join(projectRoot, 'dist/src/cli.js');
const CONFIG = 'wattline.yaml';
/** How much it takes at most between two kills, in what the caller counts. */
const MOST_TAKEN = 50;
/** Milliseconds. */
const STARTING = 500;
const MOMENT = 100;

export interface VictimOptions {
  /** The port of its page and its health. */
  readonly port: number;
  readonly config: object;
  readonly env?: Readonly<Record<string, string>>;
}

/** A Wattline that is killed again and again, and finds what it left in its folder. */
export class Victim {
  kills = 0;
  readonly #options: VictimOptions;
  readonly #folder: TemporaryFolder;
  #process: RunningProcess;

  private constructor(options: VictimOptions, folder: TemporaryFolder) {
    this.#options = options;
    this.#folder = folder;
    this.#process = this.#spawn();
  }

  /** Starts it, without waiting until it is ready. */
  static async start(options: VictimOptions): Promise<Victim> {
    return new Victim(options, await temporaryFolder({ [CONFIG]: JSON.stringify(options.config) }));
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** What the present process has written to standard output and standard error. */
  get output(): string {
    return this.#process.stdout() + this.#process.stderr();
  }

  /**
   * Kills it so many times by `kill -9`, each at a random moment, and starts it again: a quarter of them while it starts, the
   * others once `taken`, which counts what it has acknowledged, has grown.
   */
  async killAtRandom(random: Random, kills: number, taken: () => number): Promise<void> {
    for (const end = this.kills + kills; this.kills < end; ) {
      if (random.chance(0.25)) await sleep(random.between(0, STARTING));
      else await this.takesMore(random, taken);
      await this.kill();
      this.restart();
    }
  }

  /** Resolves at a random moment after it has taken something. */
  async takesMore(random: Random, taken: () => number): Promise<void> {
    await this.ready();
    const most = taken() + random.integer(1, MOST_TAKEN);
    await expect.poll(taken, { interval: 5 }).toBeGreaterThanOrEqual(most);
    await sleep(random.between(0, MOMENT));
  }

  /** Kills it by `kill -9`. Throws where it has ended by itself. */
  async kill(): Promise<void> {
    const code = await this.killIfAlive();
    if (code !== null) throw new Error(`ended by itself with ${code}: ${this.output}`);
  }

  /** Kills it by `kill -9`. Returns the exit status where it has ended by itself, as where it cannot start. */
  async killIfAlive(): Promise<number | null> {
    const code = await this.#process.stop('SIGKILL');
    if (code === null) this.kills++;
    return code;
  }

  restart(): void {
    this.#process = this.#spawn();
  }

  /** Resolves when it answers. */
  async ready(): Promise<void> {
    await this.#process.waitFor(`http://127.0.0.1:${this.#options.port}/health`);
  }

  /** Runs another command of Wattline with its configuration, and returns the exit status with what was printed. */
  async command(name: string): Promise<{ code: number | null; output: string }> {
    const child = startProcess(process.execPath, [CLI, name, '--config', join(this.folder, CONFIG)]);
    const code = await child.exited;
    return { code, output: child.stdout() + child.stderr() };
  }

  async metrics(): Promise<Sample[]> {
    return parseExposition(await (await fetch(`http://127.0.0.1:${this.#options.port}/metrics`)).text());
  }

  /** Resolves when an exporter has sent all that waited, and that which it had put aside; returns how much the latter was. */
  async emptied(exporter: string, directory = join(this.folder, 'queues')): Promise<number> {
    const size = async () => seriesValue(await this.metrics(), 'otelcol_exporter_queue_size', { exporter });
    await expect.poll(size).toBe(0);
    const letters = await readdir(join(directory, `exporter_${exporter}.rejected`)).catch(() => []);
    if (letters.length > 0) expect(await this.command('resend')).toMatchObject({ code: 0 });
    return letters.length;
  }

  /** Ends it in peace, and removes its folder. */
  async stop(): Promise<void> {
    await this.#process.stop('SIGTERM');
    await this.#folder.remove();
  }

  #spawn(): RunningProcess {
    const { env } = this.#options;
    const args = [CLI, 'run', '--config', join(this.#folder.path, CONFIG)];
    return startProcess(process.execPath, args, { cwd: this.#folder.path, env });
  }
}
