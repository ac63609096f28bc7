import { NODATA, NOTFOUND, Resolver } from 'node:dns/promises';
import type { Labels } from '../relabel.ts';
import type { Discovery } from './discovery.ts';
import type { DnsSettings } from './settings.ts';

/** Finds targets by names of the DNS, as `dns_sd_configs` has it: by the servers of the system, unless others are given. */
export function dnsDiscovery(
  { names, type, port = 0, refresh_interval: interval }: DnsSettings,
  servers?: readonly string[],
): Discovery {
  return {
    name: `the DNS (${names.join(', ')})`,
    interval,
    async discover(signal) {
      const resolver = new Resolver({ timeout: 5_000, tries: 3 });
      if (servers) resolver.setServers(servers);
      const cancel = () => resolver.cancel();
      signal.addEventListener('abort', cancel);
      try {
        const found = await Promise.all(names.map((name) => targetsOf(name, type, port, resolver)));
        return found.flat();
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
  };
}

/** Returns the targets of a name, in an order of their own; none where there is no such name. */
async function targetsOf(name: string, type: DnsSettings['type'], port: number, resolver: Resolver): Promise<Labels[]> {
  const own = { __meta_dns_name: name };
  const plain = (host: string) => ({ ...own, __address__: `${host.includes(':') ? `[${host}]` : host}:${port}` });
  const readers: Record<DnsSettings['type'], () => Promise<Labels[]>> = {
    A: async () => (await resolver.resolve4(name)).map(plain),
    AAAA: async () => (await resolver.resolve6(name)).map(plain),
    MX: async () =>
      (await resolver.resolveMx(name)).map(({ exchange }) => ({
        ...plain(exchange),
        __meta_dns_mx_record_target: exchange,
      })),
    NS: async () =>
      (await resolver.resolveNs(name)).map((host) => ({ ...plain(host), __meta_dns_ns_record_target: host })),
    SRV: async () =>
      (await resolver.resolveSrv(name)).map((record) => ({
        ...own,
        __address__: `${record.name}:${record.port}`,
        __meta_dns_srv_record_target: record.name,
        __meta_dns_srv_record_port: String(record.port),
      })),
  };
  try {
    const targets = await readers[type]();
    // Servers answer in turns.
    return targets.sort((a, b) => ((a.__address__ as string) < (b.__address__ as string) ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === NOTFOUND || code === NODATA) return [];
    throw error;
  }
}
