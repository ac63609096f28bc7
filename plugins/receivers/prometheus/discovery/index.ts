import type { SourceContext } from 'wattline/plugin';
import type { Discovery } from './discovery.ts';
import { dnsDiscovery } from './dns.ts';
import { fileDiscovery } from './files.ts';
import { httpListDiscovery } from './http-list.ts';
import { kubernetesDiscovery } from './kubernetes.ts';
import type { DiscoverySettings } from './settings.ts';

/** Returns what finds the targets of a job, beside those that it lists. */
export function discoveriesOf(settings: DiscoverySettings, ctx: SourceContext): Discovery[] {
  return [
    ...settings.file_sd_configs.map((one) => fileDiscovery(one, ctx)),
    ...settings.http_sd_configs.map((one) => httpListDiscovery(one, ctx)),
    ...settings.dns_sd_configs.map((one) => dnsDiscovery(one)),
    ...settings.kubernetes_sd_configs.map((one) => kubernetesDiscovery(one, ctx)),
  ];
}
