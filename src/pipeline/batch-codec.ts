import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Batch } from '../model/attributes.ts';
import { loadEncoder, protobufEncoding } from '../otlp/index.ts';
import { decodeVersion1 } from './version-1-batch.ts';

/** Writes batches for a disk, and reads them back. */
export interface BatchCodec {
  /** Writes a batch as an OTLP request: values to the bit, times to the nanosecond. */
  encode(batch: Batch): Uint8Array;
  /** Reads what `encode` has written, or Wattline 0.1.0. Throws where it is something else. */
  decode(data: Uint8Array): Batch;
}

/** The first byte of everything that Node's own serialization writes; no OTLP request begins with it. */
const VERSION_1 = 0xff;

/** Loads what it takes to write OTLP. */
export async function loadBatchCodec(): Promise<BatchCodec> {
  const encodeRequest = await loadEncoder('proto');
  const { decodeRequest } = protobufEncoding();
  return {
    encode: (batch) => encodeRequest([batch]),
    decode(data) {
      if (data[0] === VERSION_1) return decodeVersion1(data);
      const [read] = decodeRequest(data);
      if (!read) throw new Error('there is no run in it');
      const { attributes, schemaUrl } = read.resource;
      const resource = resourceFromAttributes(attributes, schemaUrl === undefined ? {} : { schemaUrl });
      return { resource, scopeMetrics: read.scopeMetrics };
    },
  };
}
