import { duration, refusedKeys, serverUrl, z } from 'wattline/plugin';
import { absentHttpSettings, checkCredentials, httpSettings } from '../http-settings.ts';

const refresh = (every: string) =>
  duration({ least: '100ms' }).prefault(every).describe('How often it is looked what targets there are');

const fileSettings = z.strictObject({
  files: z
    .array(z.string().min(1))
    .min(1)
    .describe('Globs of JSON and YAML files, each a list of `targets` with `labels`'),
  refresh_interval: refresh('5s'),
});

const http = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:8080/targets' })
      .refine((url) => !/^[a-z]+:\/\/[^/?#]*@/i.test(url), {
        error: 'expected a URL without user and password; use `basic_auth`',
      })
      .describe('Answers with a list of `targets` with `labels`, in JSON'),
    refresh_interval: refresh('1m'),
    ...httpSettings,
  })
  .superRefine(checkCredentials)
  .meta(refusedKeys(absentHttpSettings));

const dns = z
  .strictObject({
    names: z.array(z.string().min(1)).min(1).describe('The names that are looked up, each in full'),
    type: z
      .enum(['SRV', 'A', 'AAAA', 'MX', 'NS'])
      .default('SRV')
      .describe('The records that are looked for: `SRV`, `A`, `AAAA`, `MX` or `NS`'),
    port: z.number().int().min(1).max(65_535).optional().describe('The port of the targets; `SRV` has its own'),
    refresh_interval: refresh('30s'),
  })
  .superRefine(({ type, port }, ctx) => {
    const message = `expected a port, since records of type ${type} have none`;
    if (type !== 'SRV' && port === undefined) ctx.addIssue({ code: 'custom', path: ['port'], message, input: port });
  });

export const roles = ['pod', 'node', 'endpoints', 'endpointslice', 'service'] as const;

const kubernetes = z
  .strictObject({
    role: z.enum(roles).describe('What the targets are'),
    api_server: serverUrl({ isBare: true })
      .optional()
      .describe(
        'The server of the API. Where left out, that of the cluster that Wattline runs in, by its service account',
      ),
    namespaces: z
      .strictObject({
        own_namespace: z.boolean().default(false).describe('Whether the namespace that Wattline runs in counts'),
        names: z.array(z.string().min(1)).default([]).describe('The namespaces that count'),
      })
      .optional()
      .describe('Where targets are looked for; everywhere unless it is set'),
    selectors: z
      .array(
        z.strictObject({
          role: z.enum(roles).describe('Which of the objects are chosen'),
          label: z.string().optional().describe('A label selector of Kubernetes'),
          field: z.string().optional().describe('A field selector of Kubernetes, such as `spec.nodeName=node-1`'),
        }),
      )
      .default([])
      .describe('Which objects count; the server of the API chooses them'),
    attach_metadata: z
      .strictObject({
        node: z.boolean().default(false).describe('Whether targets get the labels of their node'),
      })
      .optional()
      .describe('What else the targets get labels of'),
    ...httpSettings,
  })
  .superRefine((given, ctx) => {
    checkCredentials(given, ctx);
    const keys = (['basic_auth', 'authorization', 'tls_config'] as const).filter((key) => given[key] !== undefined);
    const message = 'expected `api_server` beside it: in a cluster, credentials and certificates are its own';
    const [key] = keys;
    if (key !== undefined && given.api_server === undefined)
      ctx.addIssue({ code: 'custom', path: [key], message, input: given[key] });
  })
  .meta(
    refusedKeys({
      ...absentHttpSettings,
      kubeconfig_file: 'use `api_server`, with `authorization` or a certificate in `tls_config`, which that file names',
    }),
  );

/** How targets are found, in the words of Prometheus. */
export const discoverySettings = {
  file_sd_configs: z.array(fileSettings).default([]).describe('Targets that files list'),
  http_sd_configs: z.array(http).default([]).describe('Targets that a server lists'),
  dns_sd_configs: z.array(dns).default([]).describe('Targets that names of the DNS lead to'),
  kubernetes_sd_configs: z.array(kubernetes).default([]).describe('Targets in a cluster of Kubernetes'),
};

const others =
  'azure consul digitalocean docker dockerswarm ec2 eureka gce hetzner ionos kuma lightsail linode marathon';
const more = 'nerve nomad openstack ovhcloud puppetdb scaleway serverset stackit triton uyuni vultr';

/** The ways of Prometheus to find targets that have no counterpart. */
export const absentDiscoveries = Object.fromEntries(
  `${others} ${more}`
    .split(' ')
    .map((name) => [`${name}_sd_configs`, 'list the targets by `file_sd_configs` or `http_sd_configs`']),
);

export type DiscoverySettings = z.output<z.ZodObject<typeof discoverySettings>>;
export type FileSettings = DiscoverySettings['file_sd_configs'][number];
export type HttpListSettings = DiscoverySettings['http_sd_configs'][number];
export type DnsSettings = DiscoverySettings['dns_sd_configs'][number];
export type KubernetesSettings = DiscoverySettings['kubernetes_sd_configs'][number];
export type Role = (typeof roles)[number];
