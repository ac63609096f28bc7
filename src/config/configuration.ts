import type { Position } from '../errors.ts';
import type { Sampling } from '../model/series.ts';
import type { AnyPlugin } from '../plugin/contract.ts';
import type { Kind } from '../plugin/kind.ts';
import type { LocatedMap } from './located.ts';

/** A configured component: its plugin, and its section as the plugin's schema parsed it. */
export interface Component {
  readonly kind: Kind;
  /** `type` or `type/name`. */
  readonly id: string;
  readonly plugin: AnyPlugin;
  readonly config: unknown;
  readonly at: Position;
  /** The folder that its relative paths start from. */
  readonly directory: string;
}

/** A pipeline with the ids of its components. */
export interface Pipeline {
  readonly id: string;
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** A configuration without problems. */
export interface Configuration {
  readonly components: readonly Component[];
  readonly pipelines: readonly Pipeline[];
  readonly extensions: readonly string[];
  readonly logLevel: LogLevel;
  readonly warnings: readonly string[];
  /** Says what a pipeline needs that is to take streams; it looks at all plugins. */
  readonly streamRemedy: () => Promise<string>;
}

/** A configuration as it was loaded. */
export interface LoadedConfiguration extends Configuration {
  /** Its text, merged and expanded. */
  readonly root: LocatedMap;
}

/** Returns the default sampling of a pipeline's runs: that of its first receiver that configures one, or undefined. */
export function samplingOf({ components }: Configuration, { receivers }: Pipeline): Sampling | undefined {
  const own = components.filter(({ kind, id }) => kind === 'receiver' && receivers.includes(id));
  const samplings = own.map(({ config }) => (config as { readonly sampling?: Sampling } | undefined)?.sampling);
  return samplings.find((sampling) => sampling !== undefined);
}

/** Returns the ids of the started extensions that decide who is let in, or give credentials; they do nothing by themselves. */
export function authenticatorsOf({
  components,
  extensions,
}: Pick<Configuration, 'components' | 'extensions'>): string[] {
  return extensions.filter((id) => {
    const extension = components.find((component) => component.kind === 'extension' && component.id === id);
    return extension?.plugin.offers?.some((offer) => offer === 'server_auth' || offer === 'client_auth') ?? false;
  });
}
