import { normalId } from '../config/component-id.ts';
import type { Provider } from '../plugin/contract.ts';
import type { Extension } from '../plugin/index.ts';
import type { Authenticate, Credentials } from '../plugin/listening.ts';
import type { Storage } from '../plugin/storage.ts';
import type { Node } from './node.ts';

/** The components that stages use: providers, made at their first use, and extensions. */
export class References {
  readonly #make: (id: string) => Node<Provider> | undefined;
  readonly #providers = new Map<string, Node<Provider> | undefined>();
  readonly #extensions = new Map<string, Node<Extension>>();

  constructor(make: (id: string) => Node<Provider> | undefined) {
    this.#make = make;
  }

  /** The providers that are used and could be made. */
  get providers(): Node<Provider>[] {
    return [...this.#providers.values()].filter((node) => node !== undefined);
  }

  addExtension(node: Node<Extension>): void {
    this.#extensions.set(node.id, node);
  }

  /** Whether a node that uses this one would get it again. */
  has(used: Node): boolean {
    return used === (used.kind === 'provider' ? this.#provider(used.id) : this.#extensions.get(used.id));
  }

  /** Returns the provider of that name and adds it to `uses`. Throws where there is none. */
  provider(name: string, uses: Node[]): Provider {
    const node = this.#provider(normalId(name));
    if (!node) throw new Error(`provider \`${name}\` cannot be used`);
    uses.push(node);
    return node.stage;
  }

  /** Returns the storage of the extension of that name, and adds the extension to `uses`. Throws where it offers none. */
  storage(name: string, uses: Node[]): Storage {
    const node = this.#extensions.get(normalId(name));
    if (!node?.stage.storage) throw new Error(`no extension \`${name}\` that is started offers storage`);
    uses.push(node);
    return node.stage.storage;
  }

  /** Returns who may call a server by the extension of that name, and adds it to `uses`. Throws where it does not say. */
  serverAuth(name: string, uses: Node[]): Authenticate {
    const { serverAuth } = this.#extension(name, uses);
    if (!serverAuth) throw new Error(`extension \`${name}\` says nothing about who may call a server`);
    return serverAuth;
  }

  /** Returns the credentials of the extension of that name, and adds it to `uses`. Throws where it has none. */
  clientAuth(name: string, uses: Node[]): Credentials {
    const { clientAuth } = this.#extension(name, uses);
    if (!clientAuth) throw new Error(`extension \`${name}\` has no credentials for clients`);
    return clientAuth;
  }

  #extension(name: string, uses: Node[]): Extension {
    const node = this.#extensions.get(normalId(name));
    if (!node) throw new Error(`no extension \`${name}\` is started`);
    uses.push(node);
    return node.stage;
  }

  #provider(id: string): Node<Provider> | undefined {
    if (!this.#providers.has(id)) this.#providers.set(id, this.#make(id));
    return this.#providers.get(id);
  }
}
