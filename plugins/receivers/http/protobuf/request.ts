import type { Attributes } from '@opentelemetry/api';
import { makeOtlpRun, makeScope, type OtlpRun, type ReadScope } from '../otlp-run.ts';
import { readAttribute } from './attributes.ts';
import { readMetric } from './metric.ts';
import { once } from './point-list.ts';
import type { Texts } from './texts.ts';
import { Unfamiliar, WireReader } from './wire-reader.ts';

/**
 * Reads an `ExportMetricsServiceRequest` as senders write it, straight from its bytes. Undefined is one that is written
 * in another way, or malformed: protobufjs, to which that is left, makes the same of what both can read.
 */
export function readRequest(body: Buffer, texts: Texts): OtlpRun[] | undefined {
  try {
    return readRuns(new WireReader(body, texts));
  } catch (error) {
    if (error instanceof Unfamiliar || error instanceof RangeError) return undefined;
    throw error;
  }
}

function readRuns(reader: WireReader): OtlpRun[] {
  const runs: OtlpRun[] = [];
  while (reader.pos < reader.bytes.length) {
    const tag = reader.tag();
    if (tag === 0x0a) runs.push(readRun(reader));
    else reader.skip(tag);
  }
  reader.finish(reader.bytes.length);
  return runs;
}

/** Reads a `ResourceMetrics` with its length before it. */
function readRun(reader: WireReader): OtlpRun {
  const end = reader.end();
  let attributes: Attributes | undefined;
  let schemaUrl: string | undefined;
  const scopes: ReadScope[] = [];
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === 0x0a) {
      once(attributes);
      attributes = readResource(reader);
    } else if (tag === 0x12) scopes.push(readScope(reader));
    else if (tag === 0x1a) schemaUrl = reader.text();
    else reader.skip(tag);
  }
  reader.finish(end);
  return makeOtlpRun({ attributes: attributes ?? {}, schemaUrl, scopes });
}

/** Reads the attributes of a `Resource` with its length before it. */
function readResource(reader: WireReader): Attributes {
  const end = reader.end();
  const attributes: Attributes = {};
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === 0x0a) readAttribute(reader, attributes);
    else reader.skip(tag);
  }
  reader.finish(end);
  return attributes;
}

/** Reads a `ScopeMetrics` with its length before it. */
function readScope(reader: WireReader): ReadScope {
  const end = reader.end();
  let named: { readonly name: string; readonly version: string } | undefined;
  let schemaUrl: string | undefined;
  const metrics: ReadScope['metrics'][number][] = [];
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === 0x0a) {
      once(named);
      named = readInstrumentationScope(reader);
    } else if (tag === 0x12) metrics.push(readMetric(reader));
    else if (tag === 0x1a) schemaUrl = reader.text();
    else reader.skip(tag);
  }
  reader.finish(end);
  return { scope: makeScope(named?.name ?? '', named?.version, schemaUrl), metrics };
}

/** Reads an `InstrumentationScope` with its length before it. */
function readInstrumentationScope(reader: WireReader): { readonly name: string; readonly version: string } {
  const end = reader.end();
  let [name, version] = ['', ''];
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === 0x0a) name = reader.text();
    else if (tag === 0x12) version = reader.text();
    else reader.skip(tag);
  }
  reader.finish(end);
  return { name, version };
}
