import type { SourceContext } from 'wattline/plugin';
import type { Discovery } from './discovery.ts';
import type { DiscoverySettings } from './settings.ts';

/** Returns what finds the targets of a job, beside those that it lists. */
export function discoveriesOf(_settings: DiscoverySettings, _ctx: SourceContext): Discovery[] {
  return [];
}
