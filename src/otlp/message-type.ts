/** What the .proto files say of a message, for who reads it by its field names. */
export interface MessageType {
  /** Makes one in which everything is absent, as generated code has it. */
  create(): Record<string, unknown>;
  readonly fields: readonly Field[];
}

export interface Field {
  readonly id: number;
  /** Its name in the .proto files. */
  readonly name: string;
  /** Its name in JSON. */
  readonly jsonName: string;
  /** The type of a field that is no message. */
  readonly type?: ScalarType;
  /** The message that it is. */
  readonly message?: string;
  /** The names of an enum. */
  readonly values?: Readonly<Record<string, number>>;
  readonly repeated: boolean;
  /** The choice that it belongs to. */
  readonly oneof?: string;
}

export type ScalarType =
  | 'string'
  | 'bool'
  | 'double'
  | 'uint32'
  | 'int32'
  | 'sint32'
  | 'uint64'
  | 'int64'
  | 'fixed64'
  | 'sfixed64'
  | 'bytes'
  | 'enum';

export type MessageTypes = Readonly<Record<string, MessageType>>;

/** Messages nested deeper than this are refused, as protobuf's own readers do. */
export const DEEPEST = 100;

/**
 * Returns how many messages a body of that many bytes may hold. A point with an attribute takes some 15 bytes a message; an
 * empty message takes two, and two hundred times as much memory once it is read.
 */
export function mostMessages(bytes: number): number {
  return 10_000 + Math.floor(bytes / 8);
}
