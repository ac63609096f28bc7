import { lookup, lookupService } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { arch, hostname, platform } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from 'wattline/plugin';

/** Where the name of the machine may come from: its full name by the resolver, or what the system calls it. */
export const hostnameSources = ['dns', 'os', 'cname', 'lookup'] as const;
export type HostnameSource = (typeof hostnameSources)[number];

export type Detected = Readonly<Record<string, string>>;

/** What a machine says of itself, and whether that is added unless the configuration says otherwise. */
export const systemAttributes = { 'host.name': true, 'os.type': true, 'host.id': false, 'host.arch': false } as const;
export type SystemAttribute = keyof typeof systemAttributes;

/** Reads attributes as `OTEL_RESOURCE_ATTRIBUTES` has them: `key=value,key=value`, percent-encoded. Throws where it is not that. */
export function attributesOfText(text: string): Detected {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  return Object.fromEntries(
    parts.map((part) => {
      const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
      if (key.trim() === '') throw new Error('OTEL_RESOURCE_ATTRIBUTES is not of the form key=value,key=value');
      return [key.trim(), decoded(value.trim())];
    }),
  );
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    throw new Error(`OTEL_RESOURCE_ATTRIBUTES has an invalid escape: ${messageOf(error)}`, { cause: error });
  }
}

/** The words that OpenTelemetry has for some of Node.js's. */
const OS_TYPES: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: 'x86', arm: 'arm32', ppc64: 'ppc64' };

/** What this machine says of itself, by attribute; what it does not say is left out. Waits for the resolver no longer than `timeout` milliseconds. */
export async function detectSystem(
  sources: readonly HostnameSource[],
  timeout: number,
): Promise<Partial<Record<SystemAttribute, string>>> {
  const id = (await readFile('/etc/machine-id', 'utf8').catch(() => '')).trim();
  return {
    'host.name': await nameOfHost(sources, timeout),
    'os.type': OS_TYPES[platform()] ?? platform(),
    'host.arch': ARCHITECTURES[arch()] ?? arch(),
    ...(id !== '' && { 'host.id': id }),
  };
}

/** The name by the first of the sources that knows one, and else the system's own. */
async function nameOfHost(sources: readonly HostnameSource[], timeout: number): Promise<string> {
  if (sources[0] === 'os') return hostname();
  const ending = new AbortController();
  const late = sleep(timeout, undefined, { signal: ending.signal }).catch(() => undefined);
  const full = await Promise.race([fullName(), late]);
  ending.abort();
  return full ?? hostname();
}

/** The name that the resolver has for the address of this machine; undefined where that is none of its own. */
async function fullName(): Promise<string | undefined> {
  try {
    const { address } = await lookup(hostname());
    const { hostname: found } = await lookupService(address, 0);
    return /^localhost\b|^[\d.]+$|:/.test(found) ? undefined : found;
  } catch {
    return undefined;
  }
}
