import type { AttributeValue } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { definePlugin, describeRun, transform } from 'wattline/plugin';
import { type Changing, perform } from './actions.ts';
import { configSchema } from './settings.ts';

export default definePlugin({
  kind: 'processor',
  type: 'attributes',
  stability: 'beta',
  configSchema,
  create: ({ next, skip }, { actions }) =>
    transform(next, (batch) => {
      const { attributes: before, schemaUrl } = batch.resource;
      const known = Object.entries(before).filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined);
      const attributes: Changing = new Map(known);
      for (const action of actions) {
        if (perform(action, attributes)) continue;
        const message = `\`${action.key}\` of ${describeRun(batch)} is not a number and stays unchanged`;
        skip({ item: action.key as string, reason: 'not_a_number', message });
      }
      if (attributes.size === known.length && known.every(([name, value]) => attributes.get(name) === value)) {
        return batch;
      }
      const options = schemaUrl === undefined ? undefined : { schemaUrl };
      return {
        resource: resourceFromAttributes(Object.fromEntries(attributes), options),
        scopeMetrics: batch.scopeMetrics,
      };
    }),
});
