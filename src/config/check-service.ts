import { z } from 'zod';
import { type Flaw, MOST_PROBLEMS, type Problem } from '../errors.ts';
import type { Kind } from '../plugin/kind.ts';
import { foreignKeys, ignored, type Marks } from '../plugin/schema.ts';
import { firstsOf, flawOfReference, flawOfRepetition } from './check-components.ts';
import { checkValues } from './check-values.ts';
import { normalId, parseId } from './component-id.ts';
import { type Configuration, logLevels, type Pipeline } from './configuration.ts';
import { otherSignalOf } from './foreign-components.ts';
import { isNothing, type LocatedMap, type Path, placeOf, toPlain, valueAt } from './located.ts';

const ids = z.array(z.string());
const pipelineSchema = z.strictObject({ receivers: ids, processors: ids.default([]), exporters: ids });
const OWN_METRICS = "Wattline's own metrics stand on the page of an exporter that serves one, such as `prometheus`";
const toStandardError = 'the log goes to standard error';
/** Collectors take levels in capitals too. */
const capitals = Object.fromEntries(logLevels.map((level) => [level.toUpperCase(), level]));
const logs = z
  .strictObject({
    level: z
      .enum(logLevels)
      .meta({ renamed: capitals } satisfies Marks)
      .default('info'),
  })
  .meta(
    foreignKeys({
      encoding: ignored('the log is text on a terminal, and lines of JSON elsewhere', 'json'),
      development: ignored('there is one way to log', false),
      disable_caller: ignored('the log has no callers', true),
      disable_stacktrace: ignored('the log has a stack only with an error that is a fault', true),
      sampling: ignored('the first of each kind is logged, and the others are counted'),
      initial_fields: ignored('add fields where the log is collected'),
      output_paths: ignored(toStandardError),
      error_output_paths: ignored(toStandardError),
      processors: ignored(toStandardError),
    }),
  );
const telemetrySchema = z.strictObject({ logs: logs.prefault({}) }).meta(
  foreignKeys({
    metrics: ignored(OWN_METRICS),
    traces: ignored('Wattline makes no traces of itself'),
    resource: ignored(OWN_METRICS),
  }),
);

/** The section `service`. */
export const serviceSchema = z.strictObject({
  extensions: ids.default([]),
  pipelines: z.record(z.string(), pipelineSchema),
  telemetry: telemetrySchema.prefault({}),
});

type Service = Pick<Configuration, 'pipelines' | 'extensions' | 'logLevel'>;

/** Checks the `service` section: its pipelines, and that all components they name are configured. */
export function checkService(root: LocatedMap, problems: Problem[], warnings: string[]): Service {
  const nothing: Service = { pipelines: [], extensions: [], logLevel: 'info' };
  if (isNothing(valueAt(root, ['service']))) {
    const message = 'the section `service` is missing';
    const remedy = 'write service.pipelines.metrics with receivers and exporters';
    problems.push({ code: 'CONFIG_MISSING_KEY', ...placeOf(root, ['service']), message, remedy });
    return nothing;
  }
  const service = checkValues(serviceSchema, root, ['service'], problems, warnings);
  checkReferences(root, problems);
  if (!service) return nothing;
  const own = Object.entries(service.pipelines).filter(([id]) => otherSignalOf(id) === undefined);
  const pipelines: Pipeline[] = own.map(([id, { receivers, processors, exporters }]) => ({
    id: normalId(id),
    receivers: receivers.map(normalId),
    processors: processors.map(normalId),
    exporters: exporters.map(normalId),
  }));
  return { pipelines, extensions: service.extensions.map(normalId), logLevel: service.telemetry.logs.level };
}

/** Checks all readable references, even where the section has other problems. */
function checkReferences(root: LocatedMap, problems: Problem[]): void {
  const report = (code: Problem['code'], path: Path, flaw: Flaw) =>
    problems.push({ code, ...placeOf(root, path), ...flaw });
  const checkList = (kind: Kind, path: Path): void => {
    const list = valueAt(root, path);
    if (list?.kind !== 'list') return;
    const names = list.items.map(toPlain);
    const seen = new Set<string>();
    const ids = names.map((name) => (typeof name === 'string' ? normalId(name) : undefined));
    for (const [index, id] of ids.entries()) {
      if (problems.length > MOST_PROBLEMS) return;
      if (id === undefined) continue;
      const isSeen = seen.has(id);
      seen.add(id);
      const flaw = flawOfReference(kind, id, root);
      if (flaw) report('CONFIG_UNDEFINED_REFERENCE', [...path, index], flaw);
      else if (isSeen) {
        const message = `\`${id}\` is named twice`;
        report('CONFIG_DUPLICATE_REFERENCE', [...path, index], { message, remedy: 'name it once' });
      }
    }
    if (names.length === 0 && (kind === 'receiver' || kind === 'exporter')) {
      report('CONFIG_EMPTY', path, { message: `a pipeline must have at least one ${kind}`, remedy: 'name one' });
    }
  };
  checkList('extension', ['service', 'extensions']);
  const pipelines = valueAt(root, ['service', 'pipelines']);
  if (pipelines?.kind !== 'map') return;
  const names = [...pipelines.entries.keys()];
  const firsts = firstsOf(names);
  for (const name of names) {
    const path = ['service', 'pipelines', name];
    const repetition = flawOfRepetition(name, firsts);
    if (repetition) report('CONFIG_INVALID_ID', path, repetition);
    const signal = otherSignalOf(name);
    if (signal !== undefined) {
      const message = `this is a pipeline of ${signal}`;
      report('CONFIG_INVALID_ID', path, { message, remedy: 'remove it: Wattline takes metrics only' });
      continue;
    }
    if (parseId(name)?.type !== 'metrics') {
      const message = `\`${name}\` is not a pipeline id`;
      report('CONFIG_INVALID_ID', path, { message, remedy: 'write `metrics` or `metrics/name`' });
    }
    for (const kind of ['receiver', 'processor', 'exporter'] as const) checkList(kind, [...path, `${kind}s`]);
  }
  if (pipelines.entries.size === 0) {
    const flaw = { message: 'there is no pipeline', remedy: 'write one named `metrics`' };
    report('CONFIG_EMPTY', ['service', 'pipelines'], flaw);
  }
}
