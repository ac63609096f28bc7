import { Run } from '../model/run.ts';
import { loadEncoder, protobufEncoding } from '../otlp/index.ts';
import { decodeVersion1 } from './version-1-run.ts';

/** Writes runs for a disk, and reads them back. */
export interface RunCodec {
  /** Writes a run as an OTLP request: values to the bit, times to the nanosecond. */
  encode(run: Run): Uint8Array;
  /** Reads what `encode` has written, or Wattline 0.1.0. Throws where it is something else. */
  decode(data: Uint8Array): Run;
}

/** The first byte of everything that Node's own serialization writes; no OTLP request begins with it. */
const VERSION_1 = 0xff;

/** Loads what it takes to write OTLP. */
export async function loadRunCodec(): Promise<RunCodec> {
  const encodeRequest = await loadEncoder('proto');
  const { decodeRequest } = protobufEncoding({ isOwn: true });
  return {
    encode: (run) => encodeRequest([run]),
    decode(data) {
      if (data[0] === VERSION_1) return decodeVersion1(data);
      const [read] = decodeRequest(data);
      if (!read) throw new Error('there is no run in it');
      return Run.from(read);
    },
  };
}
