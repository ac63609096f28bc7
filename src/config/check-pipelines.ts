import type { Flaw, Problem } from '../errors.ts';
import type { Loader } from '../loader.ts';
import type { AnyPlugin } from '../plugin/contract.ts';
import type { Component, Pipeline } from './configuration.ts';
import { type LocatedMap, type Path, placeOf } from './located.ts';

type Stage = Pick<Component, 'id' | 'plugin'>;

/**
 * Checks that every stage of a pipeline gets a metric that it reads from a stage before it, in the unit that it expects,
 * and not from a stage after it. A receiver without `emits` may send any metric; a stage without `reads` takes any.
 */
export async function checkPipelines(
  root: LocatedMap,
  pipelines: readonly Pipeline[],
  components: readonly Component[],
  { loader, problems }: { readonly loader: Loader; readonly problems: Problem[] },
): Promise<void> {
  for (const pipeline of pipelines) {
    const find = (kind: 'receiver' | 'processor' | 'exporter') =>
      pipeline[`${kind}s`].map((id) => components.find((component) => component.kind === kind && component.id === id));
    const named = [...find('receiver'), ...find('processor')];
    const stages = named.filter((stage) => stage !== undefined);
    // Another check reports invalid components; without them nothing is known of the rest.
    if (stages.length < named.length) continue;
    const check = async (path: Path, stage: Stage, before: readonly Stage[], after: readonly Stage[]) => {
      const isFed = isFedBy(before, stage);
      const flaw =
        flawOfOrder(stage, before, after) ?? (isFed ? undefined : await describeGap(stage, components, loader));
      const place = placeOf(root, ['service', 'pipelines', pipeline.id, ...path]);
      if (flaw) problems.push({ code: 'PIPELINE_CANNOT_WORK', ...place, ...flaw });
    };
    const first = pipeline.receivers.length;
    for (const [index, stage] of stages.slice(first).entries()) {
      const at = first + index;
      await check(['processors', index], stage, stages.slice(0, at), stages.slice(at + 1));
    }
    for (const [index, exporter] of find('exporter').entries()) {
      if (exporter) await check(['exporters', index], exporter, stages, []);
    }
  }
}

function flawOfOrder(stage: Stage, before: readonly Stage[], after: readonly Stage[]): Flaw | undefined {
  const { reads = {} } = stage.plugin;
  for (const name of Object.keys(reads)) {
    const late = after.find((other) => isGivenBy(other, name, stage));
    if (late) {
      const message = `\`${stage.id}\` comes before \`${late.id}\`, which gives the ${name} that it reads`;
      return { message, remedy: `put \`${late.id}\` before \`${stage.id}\`` };
    }
    const early = before.find((other) => isGivenBy(other, name, stage));
    const unit = early?.plugin.emits?.[name]?.unit;
    if (early && unit !== reads[name]) {
      const message = `\`${stage.id}\` reads ${name} in ${reads[name]}, and \`${early.id}\` gives it in ${unit}`;
      return { message, remedy: `use a stage that gives it in ${reads[name]}` };
    }
  }
  return undefined;
}

function isFedBy(before: readonly Stage[], stage: Stage): boolean {
  const { reads } = stage.plugin;
  const isOpen = before.some(({ plugin }) => plugin.kind === 'receiver' && !plugin.emits);
  return !reads || isOpen || Object.keys(reads).some((name) => before.some((other) => isGivenBy(other, name, stage)));
}

function isGivenBy({ plugin, id }: Stage, name: string, other: Stage): boolean {
  return id !== other.id && gives(plugin, name);
}

function gives({ emits }: AnyPlugin, name: string): boolean {
  return emits !== undefined && Object.hasOwn(emits, name);
}

/** Names a processor that provides what is missing: a configured one, otherwise a known type. */
async function describeGap(stage: Stage, components: readonly Component[], loader: Loader): Promise<Flaw> {
  const missing = Object.keys(stage.plugin.reads ?? {});
  const givesAny = (plugin: AnyPlugin) => plugin.kind === 'processor' && missing.some((name) => gives(plugin, name));
  const configured = components.filter(({ plugin, id }) => id !== stage.id && givesAny(plugin)).map(({ id }) => id);
  const types = configured.length ? [] : await loader.types('processor');
  const plugins = await Promise.all(types.map((type) => loader.find('processor', type).catch(() => undefined)));
  const known = plugins.flatMap((plugin) => (plugin && plugin !== stage.plugin && givesAny(plugin) ? plugin.type : []));
  const quoted = [...configured, ...known].map((id) => `\`${id}\``).join(' or ');
  const verb = configured.length ? 'name' : 'configure and name';
  const remedy = quoted ? `${verb} ${quoted} before it` : 'name a stage before it that gives one of them';
  return { message: `\`${stage.id}\` gets no ${missing.join(' nor ')}`, remedy };
}
