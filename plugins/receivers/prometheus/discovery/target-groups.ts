import { z } from 'wattline/plugin';
import type { Labels } from '../relabel.ts';

const groups = z.array(
  z.object({
    targets: z.array(z.string().min(1)),
    labels: z.record(z.string(), z.coerce.string()).nullish(),
  }),
);

/** Returns the targets that a list of groups of targets names, with more labels. Throws, with the place, where it is no such list. */
export function targetsOfGroups(list: unknown, more: Labels): Labels[] {
  const { data, error } = groups.safeParse(list ?? []);
  if (!data) {
    const [issue] = error.issues;
    const place = issue?.path.join('.');
    throw new Error(`expected a list of \`targets\` with \`labels\`: ${place ? `${place}: ` : ''}${issue?.message}`);
  }
  return data.flatMap(({ targets, labels }) => targets.map((target) => ({ ...more, ...labels, __address__: target })));
}
