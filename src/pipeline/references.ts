import { normalId } from '../config/check-components.ts';
import type { Provider } from '../plugin/contract.ts';
import type { Extension } from '../plugin/index.ts';
import type { Storage } from '../plugin/storage.ts';
import type { Node } from './node.ts';

/** What stages may use of each other: providers, made when they are first asked for, and the storage of extensions. */
export class References {
  readonly #make: (id: string) => Node<Provider> | undefined;
  readonly #providers = new Map<string, Node<Provider> | undefined>();
  readonly #extensions = new Map<string, Node<Extension>>();

  constructor(make: (id: string) => Node<Provider> | undefined) {
    this.#make = make;
  }

  /** The providers that have been asked for and could be made. */
  get providers(): Node<Provider>[] {
    return [...this.#providers.values()].filter((node) => node !== undefined);
  }

  addExtension(node: Node<Extension>): void {
    this.#extensions.set(node.id, node);
  }

  /** Whether a node that uses this one would be given it again. */
  has(used: Node): boolean {
    return used === (used.kind === 'provider' ? this.#provider(used.id) : this.#extensions.get(used.id));
  }

  /** The provider of that name, which is added to what its user uses. Throws where there is none. */
  provider(name: string, uses: Node[]): Provider {
    const node = this.#provider(normalId(name));
    if (!node) throw new Error(`provider \`${name}\` cannot be used`);
    uses.push(node);
    return node.stage;
  }

  /** The storage of the extension of that name, which is added likewise. Throws where it offers none. */
  storage(name: string, uses: Node[]): Storage {
    const node = this.#extensions.get(normalId(name));
    if (!node?.stage.storage) throw new Error(`no extension \`${name}\` that is started offers storage`);
    uses.push(node);
    return node.stage.storage;
  }

  #provider(id: string): Node<Provider> | undefined {
    if (!this.#providers.has(id)) this.#providers.set(id, this.#make(id));
    return this.#providers.get(id);
  }
}
