import { execFileSync } from 'node:child_process';

/** A network of its own with a link to this one, which can be cut without that either side is told. */
export class FarNetwork {
  readonly #name = `wattline-${process.pid}`;
  /** The names of both ends of the link, of 15 characters at most. */
  readonly #near = `wl-n${process.pid}`;
  readonly #far = `wl-f${process.pid}`;
  /** Of those that are set apart for tests of networks (RFC 2544). */
  readonly #prefix = `198.18.${process.pid % 256}`;

  /** Throws where this machine does not allow it. */
  constructor() {
    ip('netns', 'add', this.#name);
    try {
      ip('link', 'add', this.#near, 'type', 'veth', 'peer', 'name', this.#far, 'netns', this.#name);
      ip('address', 'add', `${this.#prefix}.1/30`, 'dev', this.#near);
      ip('link', 'set', this.#near, 'up');
      this.#there('address', 'add', `${this.address}/30`, 'dev', this.#far);
      this.#there('link', 'set', this.#far, 'up');
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** The address of what runs there. */
  get address(): string {
    return `${this.#prefix}.2`;
  }

  /** Returns the command that runs a program there. */
  command(...command: readonly string[]): [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.#name, ...command];
  }

  /** Lets nothing through in either way, until what it returns is called. */
  readonly cut = (): (() => void) => {
    this.#there('link', 'set', this.#far, 'down');
    return () => this.#there('link', 'set', this.#far, 'up');
  };

  /** Lets requests through and no answers, until what it returns is called. */
  readonly deafen = (): (() => void) => {
    this.#there('route', 'add', 'blackhole', `${this.#prefix}.1/32`);
    return () => this.#there('route', 'del', 'blackhole', `${this.#prefix}.1/32`);
  };

  /** Removes it with its link. */
  remove(): void {
    ip('netns', 'del', this.#name);
  }

  #there(...args: readonly string[]): void {
    ip('-n', this.#name, ...args);
  }
}

/** Returns why this machine does not allow networks of their own; nothing where it does. */
export function networksLack(): string[] {
  try {
    new FarNetwork().remove();
    return [];
  } catch (error) {
    return [`networks cannot be made: ${(error as Error).message.trim()}`];
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
