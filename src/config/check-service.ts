import { z } from 'zod';
import type { Problem } from '../errors.ts';
import type { Kind } from '../plugin/index.ts';
import { parseId } from './check-components.ts';
import { checkValues } from './check-values.ts';
import { type Configuration, logLevels, type Pipeline } from './configuration.ts';
import { formatPath, type LocatedMap, type Path, positionAt, valueAt } from './located.ts';
import { suggest } from './nearest.ts';

const ids = z.array(z.string());
const pipelineSchema = z.strictObject({ receivers: ids, processors: ids.default([]), exporters: ids });
const serviceSchema = z.strictObject({
  extensions: ids.default([]),
  pipelines: z.record(z.string(), pipelineSchema),
  telemetry: z
    .strictObject({ logs: z.strictObject({ level: z.enum(logLevels).default('info') }).prefault({}) })
    .prefault({}),
});

type Service = Pick<Configuration, 'pipelines' | 'extensions' | 'logLevel'>;

/** Checks the `service` section: pipelines, and that what they name is configured. */
export function checkService(
  root: LocatedMap,
  configured: Readonly<Record<Kind, readonly string[]>>,
  problems: Problem[],
): Service {
  const nothing: Service = { pipelines: [], extensions: [], logLevel: 'info' };
  const section = valueAt(root, ['service']);
  if (!section) {
    const message = 'there is no service';
    const remedy = 'write service.pipelines.metrics with receivers and exporters';
    problems.push({ code: 'CONFIG_MISSING_KEY', at: root.at, path: 'service', message, remedy });
    return nothing;
  }
  const service = checkValues(serviceSchema, section, ['service'], problems);
  if (!service) return nothing;
  const problem = (code: Problem['code'], path: Path, message: string, remedy: string) =>
    problems.push({ code, at: positionAt(root, path), path: formatPath(path), message, remedy });
  const checkReferences = (kind: Kind, names: readonly string[], path: Path): string[] =>
    names.map((name, index) => {
      const id = parseId(name)?.id ?? name;
      if (!configured[kind].includes(id)) {
        const remedy = suggest(id, configured[kind], `configured ${kind}s`);
        problem('CONFIG_UNDEFINED_REFERENCE', [...path, index], `${kind} \`${name}\` is not configured`, remedy);
      }
      if (names.indexOf(name) !== index) {
        problem('CONFIG_DUPLICATE_REFERENCE', [...path, index], `\`${name}\` is named twice`, 'name it once');
      }
      return id;
    });
  const pipelines: Pipeline[] = Object.entries(service.pipelines).map(([name, pipeline]) => {
    const path = ['service', 'pipelines', name];
    if (parseId(name)?.type !== 'metrics') {
      problem('CONFIG_INVALID_ID', path, `\`${name}\` is not a pipeline id`, 'write `metrics` or `metrics/name`');
    }
    for (const key of ['receivers', 'exporters'] as const) {
      if (pipeline[key].length) continue;
      problem('CONFIG_EMPTY', [...path, key], `a pipeline must have at least one ${key.slice(0, -1)}`, `name one`);
    }
    return {
      id: name,
      receivers: checkReferences('receiver', pipeline.receivers, [...path, 'receivers']),
      processors: checkReferences('processor', pipeline.processors, [...path, 'processors']),
      exporters: checkReferences('exporter', pipeline.exporters, [...path, 'exporters']),
    };
  });
  if (pipelines.length === 0) {
    problem('CONFIG_EMPTY', ['service', 'pipelines'], 'there is no pipeline', 'write one named `metrics`');
  }
  const extensions = checkReferences('extension', service.extensions, ['service', 'extensions']);
  return { pipelines, extensions, logLevel: service.telemetry.logs.level };
}
