import type { AttributeValue } from '@opentelemetry/api';
import { definePlugin, describeRun, transform } from 'wattline/plugin';
import { type Changing, perform } from './actions.ts';
import { configSchema } from './settings.ts';

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'attributes',
  aliases: ['resource'],
  stability: 'beta',
  configSchema,
  create({ next, skip }, { actions = [], attributes: more = [] }) {
    const all = [...actions, ...more];
    return transform(next, (run) => {
      const { attributes: before } = run.resource;
      const known = Object.entries(before).filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined);
      const attributes: Changing = new Map(known);
      for (const action of all) {
        if (perform(action, attributes)) continue;
        const message = `\`${action.key}\` of ${describeRun(run)} is not a number and stays unchanged`;
        skip({ item: action.key as string, reason: 'not_a_number', message });
      }
      if (attributes.size === known.length && known.every(([name, value]) => attributes.get(name) === value)) {
        return run;
      }
      return run.withAttributes(Object.fromEntries(attributes));
    });
  },
});
