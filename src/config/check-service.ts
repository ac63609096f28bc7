import { z } from 'zod';
import type { Problem } from '../errors.ts';
import type { Kind } from '../plugin/kind.ts';
import { flawOfReference, normalId, parseId, type WrittenIds } from './check-components.ts';
import { checkValues } from './check-values.ts';
import { type Configuration, logLevels, type Pipeline } from './configuration.ts';
import { isNothing, type LocatedMap, type Path, placeOf, toPlain, valueAt } from './located.ts';

const ids = z.array(z.string());
const pipelineSchema = z.strictObject({ receivers: ids, processors: ids.default([]), exporters: ids });
/** The section `service`. */
export const serviceSchema = z.strictObject({
  extensions: ids.default([]),
  pipelines: z.record(z.string(), pipelineSchema),
  telemetry: z
    .strictObject({ logs: z.strictObject({ level: z.enum(logLevels).default('info') }).prefault({}) })
    .prefault({}),
});

type Service = Pick<Configuration, 'pipelines' | 'extensions' | 'logLevel'>;

/** Checks the `service` section: its pipelines, and that all components they name are configured. */
export function checkService(root: LocatedMap, configured: WrittenIds, problems: Problem[]): Service {
  const nothing: Service = { pipelines: [], extensions: [], logLevel: 'info' };
  if (isNothing(valueAt(root, ['service']))) {
    const message = 'the section `service` is missing';
    const remedy = 'write service.pipelines.metrics with receivers and exporters';
    problems.push({ code: 'CONFIG_MISSING_KEY', ...placeOf(root, ['service']), message, remedy });
    return nothing;
  }
  const service = checkValues(serviceSchema, root, ['service'], problems);
  checkReferences(root, configured, problems);
  if (!service) return nothing;
  const pipelines: Pipeline[] = Object.entries(service.pipelines).map(([id, { receivers, processors, exporters }]) => ({
    id: normalId(id),
    receivers: receivers.map(normalId),
    processors: processors.map(normalId),
    exporters: exporters.map(normalId),
  }));
  return { pipelines, extensions: service.extensions.map(normalId), logLevel: service.telemetry.logs.level };
}

/** Checks all readable references, even where the section has other problems. */
function checkReferences(root: LocatedMap, configured: WrittenIds, problems: Problem[]): void {
  const problem = (code: Problem['code'], path: Path, message: string, remedy: string) =>
    problems.push({ code, ...placeOf(root, path), message, remedy });
  const checkList = (kind: Kind, path: Path): void => {
    const list = valueAt(root, path);
    if (list?.kind !== 'list') return;
    const names = list.items.map(toPlain);
    const ids = names.map((name) => (typeof name === 'string' ? normalId(name) : undefined));
    for (const [index, id] of ids.entries()) {
      if (id === undefined) continue;
      const flaw = flawOfReference(kind, id, configured);
      if (flaw) {
        problem('CONFIG_UNDEFINED_REFERENCE', [...path, index], flaw.message, flaw.remedy);
      } else if (ids.indexOf(id) !== index) {
        problem('CONFIG_DUPLICATE_REFERENCE', [...path, index], `\`${id}\` is named twice`, 'name it once');
      }
    }
    if (names.length === 0 && (kind === 'receiver' || kind === 'exporter')) {
      problem('CONFIG_EMPTY', path, `a pipeline must have at least one ${kind}`, 'name one');
    }
  };
  checkList('extension', ['service', 'extensions']);
  const pipelines = valueAt(root, ['service', 'pipelines']);
  if (pipelines?.kind !== 'map') return;
  const names = [...pipelines.entries.keys()];
  for (const [index, name] of names.entries()) {
    const path = ['service', 'pipelines', name];
    if (names.map(normalId).indexOf(normalId(name)) < index) {
      const message = `the id \`${normalId(name)}\` is used twice, with different spaces`;
      problem('CONFIG_INVALID_ID', path, message, 'rename one of the two');
    }
    if (parseId(name)?.type !== 'metrics') {
      problem('CONFIG_INVALID_ID', path, `\`${name}\` is not a pipeline id`, 'write `metrics` or `metrics/name`');
    }
    for (const kind of ['receiver', 'processor', 'exporter'] as const) checkList(kind, [...path, `${kind}s`]);
  }
  if (pipelines.entries.size === 0) {
    problem('CONFIG_EMPTY', ['service', 'pipelines'], 'there is no pipeline', 'write one named `metrics`');
  }
}
