import type { Sampling } from '../model/index.ts';
import type { Configuration, Pipeline } from './configuration.ts';

/** How the receivers of a pipeline take the samples of runs that do not say it: what the first of them says that does. */
export function samplingOf({ components }: Configuration, { receivers }: Pipeline): Sampling | undefined {
  const said = components.flatMap(({ kind, id, config }) => {
    const { sampling } = (config ?? {}) as { readonly sampling?: Sampling };
    return kind === 'receiver' && receivers.includes(id) && sampling !== undefined ? [sampling] : [];
  });
  return said[0];
}
