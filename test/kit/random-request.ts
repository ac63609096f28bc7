import { type Field, messageTypes } from '../../src/otlp/message-type.ts';
import type { MessageName } from '../../src/otlp/schema.ts';
import { randomNumbers } from './random-numbers.ts';

const WIRE_TYPES: Readonly<Record<string, number>> = {
  double: 1,
  fixed64: 1,
  sfixed64: 1,
  time: 1,
  string: 2,
  bytes: 2,
};
const TEXTS = [
  'hw.host.power',
  'power_watts',
  'container.cpu.usage',
  'queue',
  'scenario',
  'service.name',
  '',
  '1',
  'é',
];
const ODD_TEXTS = ['__proto__', 'x'.repeat(70), '\uFFFD', '\uFEFFbom'];
const DOUBLES = [0, -0, 1, 1.5, 120.25, 1e300, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const INTEGERS = [0n, 1n, 2n, 3n, 127n, 128n, 1n << 31n, 1n << 32n, (1n << 53n) + 1n, (1n << 64n) - 1n, 1n << 63n];

/**
 * An `ExportMetricsServiceRequest` in protobuf that is made at random, the same for the same seed: as senders write it, with as
 * many fields in any order, again, unknown, of another wire type, or with odd values in between as `oddity` says, from 0
 * to 1.
 */
export function randomRequest(seed: number, oddity: number): Buffer {
  return new Maker(randomNumbers(seed), oddity).message('ExportMetricsServiceRequest', 0);
}

/** The bytes with a few of them changed, lost or added. */
export function mutated(bytes: Buffer, seed: number): Buffer {
  const random = randomNumbers(seed);
  let result = bytes;
  for (let count = pick(random, [1, 1, 1, 2, 5]); count > 0; count--) {
    const at = Math.floor(random() * result.length);
    const some = Math.floor(random() * 4);
    const added = Buffer.from(Array.from({ length: Math.floor(random() * 4) }, () => Math.floor(random() * 256)));
    result = Buffer.concat([result.subarray(0, at), added, result.subarray(at + some)]);
  }
  return result;
}

class Maker {
  readonly #random: () => number;
  readonly #oddity: number;

  constructor(random: () => number, oddity: number) {
    this.#random = random;
    this.#oddity = oddity;
  }

  message(name: MessageName, depth: number): Buffer {
    let all = [...messageTypes[name].fields];
    // Most attributes have one value, and most metrics one kind of data.
    if (name === 'AnyValue') all = [pick(this.#random, depth > 12 ? all.slice(0, 4) : all)];
    if (name === 'Metric') all = [...all.slice(0, 3), pick(this.#random, all.slice(3))];
    if (this.#isOdd()) all.push(...all, ...all);
    const parts = all.flatMap((field) => this.#field(field, depth));
    if (this.#isOdd()) parts.sort(() => this.#random() - 0.5);
    return Buffer.concat(parts);
  }

  #field(field: Field, depth: number): Buffer[] {
    if (this.#isOdd()) return [this.#unknownField(field.id)];
    // Flags are rare; most of them say that nothing was recorded.
    if (this.#random() < (field.scalar === 'uint32' ? 0.7 : 0.07)) return [];
    if (!field.isList) return [this.#one(field, depth)];
    const count = field.message && depth < 3 ? 1 + Math.floor(this.#random() * 2) : Math.floor(this.#random() * 5);
    if (field.message) {
      const before: Buffer[] = [];
      // The same points and attributes come again.
      for (let index = 0; index < count; index++) {
        const again = before.length > 0 && this.#random() < 0.3;
        before.push(again ? pick(this.#random, before) : this.#one(field, depth));
      }
      return before;
    }
    const wireType = WIRE_TYPES[field.scalar ?? ''] ?? 0;
    const values = Array.from({ length: count }, () => this.#scalar(field.scalar));
    if (this.#random() < 0.7) return [tag(field.id, 2), delimited(Buffer.concat(values))];
    return values.map((value) => Buffer.concat([tag(field.id, wireType), value]));
  }

  #one({ id, scalar, message }: Field, depth: number): Buffer {
    if (message) return Buffer.concat([tag(id, 2), delimited(this.message(message, depth + 1))]);
    return Buffer.concat([tag(id, WIRE_TYPES[scalar ?? ''] ?? 0), this.#scalar(scalar)]);
  }

  #scalar(type: string | undefined): Buffer {
    const bytes = Buffer.alloc(8);
    const integer = this.#random() < 0.8 ? pick(this.#random, [1n, 2n]) : pick(this.#random, INTEGERS);
    switch (type) {
      case 'string':
        return delimited(this.#text());
      case 'bytes':
        return delimited(this.#text());
      case 'double':
        bytes.writeDoubleLE(this.#random() < 0.7 ? this.#random() * 100 : pick(this.#random, DOUBLES));
        return bytes;
      case 'fixed64':
      case 'sfixed64':
      case 'time': {
        const time = 1_790_000_000_000_000_000n + BigInt(Math.floor(this.#random() * 3)) * 999_999_999n;
        bytes.writeBigUInt64LE(this.#random() < 0.6 ? time : integer);
        return bytes;
      }
      default:
        return varint(type === 'int64' || this.#isOdd() ? integer : BigInt.asUintN(31, integer));
    }
  }

  #text(): Buffer {
    if (this.#isOdd()) return Buffer.from([0x61, 0xff, 0xc3]);
    return Buffer.from(pick(this.#random, this.#isOdd() ? ODD_TEXTS : TEXTS));
  }

  #unknownField(known: number): Buffer {
    const id = pick(this.#random, [known, 14, 15, 15, 15, 16, 0]);
    const wireType = pick(this.#random, [0, 1, 2, 2, 3, 4, 5, 6]);
    const rest = [
      varint(5n),
      Buffer.alloc(8),
      delimited(Buffer.from('abc')),
      tag(id, 4),
      Buffer.alloc(0),
      Buffer.alloc(4),
    ];
    return Buffer.concat([tag(id, wireType), rest[wireType] ?? Buffer.alloc(0)]);
  }

  #isOdd(): boolean {
    return this.#random() < this.#oddity;
  }
}

function tag(id: number, wireType: number): Buffer {
  return varint(BigInt((id << 3) | wireType));
}

function delimited(bytes: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; bytes.length === 0 || rest > 0n; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
  }
  return Buffer.from(bytes);
}

function pick<T>(random: () => number, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}
