import type { Sampling } from '../model/index.ts';
import type { Configuration, Pipeline } from './configuration.ts';

/** Returns the default sampling of a pipeline's runs: that of its first receiver that configures one, or undefined. */
export function samplingOf({ components }: Configuration, { receivers }: Pipeline): Sampling | undefined {
  const said = components.flatMap(({ kind, id, config }) => {
    const { sampling } = (config ?? {}) as { readonly sampling?: Sampling };
    return kind === 'receiver' && receivers.includes(id) && sampling !== undefined ? [sampling] : [];
  });
  return said[0];
}
