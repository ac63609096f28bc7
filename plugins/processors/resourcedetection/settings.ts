import { duration, foreignKeys, ignored, refused, z } from 'wattline/plugin';
import { hostnameSources, type SystemAttribute, systemAttributes } from './detect.ts';

export const detectors = ['env', 'system'] as const;

const OTHERS = 'expected `env` or `system`; let a Collector on the machine run other detectors, and send here by OTLP';
const NOT_THERE = ignored('there is no such detector here');
const NOT_DETECTED = refused('write it by the processor `resource`', { enabled: false });

const resourceAttributes = z
  .partialRecord(
    z.enum(Object.keys(systemAttributes) as SystemAttribute[]),
    z.strictObject({
      enabled: z
        .boolean()
        .describe('Whether it is added: `host.name` and `os.type` are, `host.id` and `host.arch` are not'),
    }),
  )
  .meta(
    foreignKeys({
      'host.cpu.cache.l2.size': NOT_DETECTED,
      'host.cpu.family': NOT_DETECTED,
      'host.cpu.model.id': NOT_DETECTED,
      'host.cpu.model.name': NOT_DETECTED,
      'host.cpu.stepping': NOT_DETECTED,
      'host.cpu.vendor.id': NOT_DETECTED,
      'host.interface': NOT_DETECTED,
      'host.ip': NOT_DETECTED,
      'host.mac': NOT_DETECTED,
      'os.build.id': NOT_DETECTED,
      'os.description': NOT_DETECTED,
      'os.name': NOT_DETECTED,
      'os.version': NOT_DETECTED,
    }),
  )
  .default({})
  .describe('Which attributes of the machine are added, each by its name');

export const configSchema = z
  .strictObject({
    detectors: z
      .array(z.enum(detectors, { error: OTHERS }))
      .min(1)
      .default(['env'])
      .describe(
        'Where attributes come from, and the first that has one counts: `env` is the variable `OTEL_RESOURCE_ATTRIBUTES`, `system` this machine',
      ),
    override: z
      .boolean()
      .default(true)
      .describe('Whether they take the place of what a run has; otherwise they are added where it has none'),
    timeout: duration().prefault('5s').describe('How long the resolver may take to say the name of the machine'),
    system: z
      .strictObject({
        hostname_sources: z
          .array(z.enum(hostnameSources))
          .min(1)
          .default(['dns', 'os'])
          .describe(
            'Where `host.name` comes from: `os` is what the system calls the machine; `dns`, `cname` and `lookup` are its full name by the resolver, or else what the system says',
          ),
        resource_attributes: resourceAttributes,
      })
      .prefault({}),
  })
  .meta(
    foreignKeys({
      retry: ignored('nothing is asked over the network but the resolver'),
      refresh_interval: ignored('attributes are detected at the start', '0s', 0),
      fail_on_missing_metadata: ignored('a detector that finds nothing adds nothing', false),
      attributes: refused('set `system.resource_attributes`'),
      env: ignored('`OTEL_RESOURCE_ATTRIBUTES` says which attributes there are'),
      akamai: NOT_THERE,
      aks: NOT_THERE,
      alibaba_ecs: NOT_THERE,
      azure: NOT_THERE,
      consul: NOT_THERE,
      digitalocean: NOT_THERE,
      docker: NOT_THERE,
      dynatrace: NOT_THERE,
      ec2: NOT_THERE,
      ecs: NOT_THERE,
      eks: NOT_THERE,
      elasticbeanstalk: NOT_THERE,
      elastic_beanstalk: NOT_THERE,
      gcp: NOT_THERE,
      heroku: NOT_THERE,
      hetzner: NOT_THERE,
      k8snode: NOT_THERE,
      k8s_api: NOT_THERE,
      kubeadm: NOT_THERE,
      lambda: NOT_THERE,
      nova: NOT_THERE,
      openshift: NOT_THERE,
      openstack_nova: NOT_THERE,
      oraclecloud: NOT_THERE,
      scaleway: NOT_THERE,
      tencent_cvm: NOT_THERE,
      upcloud: NOT_THERE,
      vultr: NOT_THERE,
    }),
  );

export type Config = z.output<typeof configSchema>;
