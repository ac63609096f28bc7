import { messageOf } from 'wattline/plugin';

/** What a server tells about a request that it took; absent where it took everything. */
export interface PartialSuccess {
  /** JSON may have it as a string. */
  readonly rejectedDataPoints?: number | string;
  readonly errorMessage?: string;
}

const TEXT_SHOWN = 300;
/** `message` of a `google.rpc.Status`: field 2, of wire type 2. */
const MESSAGE_TAG = (2 << 3) | 2;

/** The reason in the body of an error answer: of a `google.rpc.Status` its message, else the text itself; cut to 300 characters. */
export async function reasonIn(body: Uint8Array, contentType: string | null): Promise<string> {
  const type = contentType?.split(';', 1)[0]?.trim();
  const text = type === 'application/x-protobuf' ? await messageInProtobuf(body) : Buffer.from(body).toString();
  return (type === 'application/json' ? messageInJson(text) : text).trim().slice(0, TEXT_SHOWN);
}

/** How many points a partial success rejects, and the server's words; undefined where it has neither. */
export function describePartialSuccess(
  partial: PartialSuccess | undefined,
): { rejected: number; said: string } | undefined {
  const rejected = Number(partial?.rejectedDataPoints ?? 0);
  const said = partial?.errorMessage ?? '';
  return rejected > 0 || said !== '' ? { rejected, said } : undefined;
}

async function messageInProtobuf(body: Uint8Array): Promise<string> {
  const { default: protobuf } = await import('protobufjs/minimal.js');
  try {
    const reader = protobuf.Reader.create(body);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === MESSAGE_TAG) return reader.string();
      reader.skipType(tag & 7);
    }
    return '';
  } catch (error) {
    return `an answer that is not a google.rpc.Status (${messageOf(error)})`;
  }
}

function messageInJson(text: string): string {
  try {
    const { message } = JSON.parse(text);
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}
