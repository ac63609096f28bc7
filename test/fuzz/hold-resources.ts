import { Run } from '../../src/model/run.ts';
import { loadEncoder, type OtlpEncoding, OtlpError, type OtlpLimits, type ReadResource } from '../../src/otlp/index.ts';
import { holdAttributes } from './hold-run.ts';
import { asWritten, hold, holdSame } from './target.ts';

/** Limits that small cases come up to. */
export const LIMITS: OtlpLimits = { resources: 50, metrics: 200, points: 500, attributes: 1000 };

const encoders = { proto: await loadEncoder('proto'), json: await loadEncoder('json') };

/** Reads a request as the receiver does: in turns, up to limits. */
export async function readUpToLimits({ readResources }: OtlpEncoding, bytes: Buffer): Promise<ReadResource[]> {
  const resources: ReadResource[] = [];
  for await (const some of readResources(bytes, { limits: LIMITS })) resources.push(...some);
  return resources;
}

/** Throws where a request is read otherwise in one go, or without limits is not read at all. */
export function holdSameAtOnce(encoding: OtlpEncoding, bytes: Buffer, read: readonly ReadResource[]): void {
  holdSame(read, encoding.decodeRequest(bytes), 'read in turns it is not what it is at once');
}

/** Throws where resources are beyond the limits, or do not come back as they were; returns how much is in them. */
export function holdResources(resources: readonly ReadResource[]): number {
  let [metrics, points, attributes, made] = [0, 0, 0, 0];
  for (const { resource, scopeMetrics, rejected } of resources) {
    attributes += holdAttributes(resource.attributes);
    for (const { metrics: some } of scopeMetrics) {
      for (const { dataPoints } of some) {
        metrics++;
        points += dataPoints.length;
        for (const { startTime, endTime, attributes: own } of dataPoints) {
          attributes += holdAttributes(own);
          for (const [seconds, nanoseconds] of [startTime, endTime]) {
            const isTime = Number.isInteger(seconds) && seconds >= 0 && nanoseconds >= 0 && nanoseconds < 1e9;
            hold(isTime, () => `a time is ${seconds} s and ${nanoseconds} ns`);
          }
        }
      }
    }
    for (const { problem, reason, count } of rejected) {
      hold(count > 0 && reason !== '', 'nothing is rejected, or for no reason');
      hold(problem.length <= 500, () => `a problem has ${problem.length} characters: ${problem.slice(0, 100)}`);
      made += problem.length;
    }
  }
  hold(resources.length <= LIMITS.resources, () => `there are ${resources.length} resources`);
  hold(metrics <= LIMITS.metrics, () => `there are ${metrics} metrics`);
  hold(points <= LIMITS.points, () => `there are ${points} points`);
  hold(attributes <= LIMITS.attributes, () => `there are ${attributes} attributes`);
  return made + resources.length + metrics + points + attributes;
}

/** Throws where resources that are written again are not read as the same. */
export function holdWritten(name: 'proto' | 'json', encoding: OtlpEncoding, read: readonly ReadResource[]): void {
  let body: Uint8Array;
  try {
    body = encoders[name](read.map((one) => Run.from(one)));
  } catch (error) {
    hold(String(error).endsWith('OTLP has no such time'), () => `it cannot be written: ${error}`);
    return;
  }
  const [again, own] = [encoding.decodeRequest(body), read].map((list) => asWritten(list.map(contentsOf)));
  holdSame(again, own, 'written again it does not come back');
}

/** Whether it is what readers of OTLP promise to throw. */
export function isOtlpError(error: unknown): boolean {
  return error instanceof OtlpError;
}

/** What of a resource is written: not what was rejected, and no scope of which nothing is left. */
function contentsOf({ resource, scopeMetrics }: ReadResource): unknown {
  return [resource, scopeMetrics];
}
