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

/** How receivers read what runs of files do not say themselves. */
export interface ReadingSettings {
  readonly sampling?: Sampling | undefined;
  readonly timeZone?: string | undefined;
}

/** Returns how a pipeline reads files: each setting is that of its first receiver that configures it. */
export function readingOf({ components }: Configuration, { receivers }: Pipeline): ReadingSettings {
  const own = components.filter(({ kind, id }) => kind === 'receiver' && receivers.includes(id));
  const settings = own.map(({ config }) => (config ?? {}) as { sampling?: Sampling; time_zone?: string });
  return {
    sampling: settings.find(({ sampling }) => sampling !== undefined)?.sampling,
    timeZone: settings.find(({ time_zone }) => time_zone !== undefined)?.time_zone,
  };
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
