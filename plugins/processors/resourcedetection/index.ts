import { definePlugin, type Processor, transform } from 'wattline/plugin';
import { attributesOfText, type Detected, detectSystem, type SystemAttribute, systemAttributes } from './detect.ts';
import { type Config, configSchema } from './settings.ts';

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'resourcedetection',
  aliases: ['resource_detection'],
  stability: 'beta',
  configSchema,
  notes: ({ detectors, override }: Config) =>
    detectors.includes('system') && override
      ? ['all that comes gets the name of this machine; for what other machines send, set `override: false`']
      : [],
  create({ next, logger }, config: Config): Processor {
    let detected: Detected = {};
    const processor = transform(next, (run) => {
      const { attributes: before } = run.resource;
      const isAdded = (name: string) =>
        config.override ? before[name] !== detected[name] : before[name] === undefined;
      const added = Object.entries(detected).filter(([name]) => isAdded(name));
      return added.length ? run.withAttributes({ ...before, ...Object.fromEntries(added) }) : run;
    });
    return {
      ...processor,
      async start() {
        const found = await Promise.all(config.detectors.map((detector) => detect[detector](config)));
        // The first that has an attribute counts.
        detected = Object.assign({}, ...found.reverse());
        logger.info({ attributes: detected }, `detected ${Object.keys(detected).join(', ') || 'nothing'}`);
      },
    };
  },
});

const detect: Readonly<Record<Config['detectors'][number], (config: Config) => Promise<Detected>>> = {
  env: async () => attributesOfText(process.env.OTEL_RESOURCE_ATTRIBUTES ?? ''),
  async system({ system, timeout }) {
    const found = await detectSystem(system.hostname_sources, timeout);
    const isEnabled = ([name]: readonly [string, string]) =>
      system.resource_attributes[name as SystemAttribute]?.enabled ?? systemAttributes[name as SystemAttribute];
    return Object.fromEntries(Object.entries(found).filter(isEnabled));
  },
};
