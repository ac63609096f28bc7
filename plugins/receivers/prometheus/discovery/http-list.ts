import type { Context } from 'wattline/plugin';
import { HttpCalls } from '../http-calls.ts';
import type { Discovery } from './discovery.ts';
import type { HttpListSettings } from './settings.ts';
import { targetsOfGroups } from './target-groups.ts';

const TIMEOUT = 30_000;
const MOST_MIB = 32;
/** The maximum length of an error answer in a message. */
const SHOWN = 300;

/** Finds targets that a server lists in JSON, as `http_sd_configs` has it. */
export function httpListDiscovery(settings: HttpListSettings, ctx: Context): Discovery {
  const { url, refresh_interval: interval } = settings;
  const calls = new HttpCalls(ctx, { ...settings, scheme: new URL(url).protocol.slice(0, -1) });
  const headers = new Headers({
    accept: 'application/json',
    'x-prometheus-refresh-interval-seconds': String(interval / 1000),
  });
  return {
    name: url,
    interval,
    start: () => calls.start(),
    async discover(signal) {
      const limits = { timeout: TIMEOUT, bodyLimitMib: MOST_MIB, signal };
      const { status, text } = await calls.client.request(url, calls.init(headers), limits);
      if (status !== 200) throw new Error(`it answered ${status}: ${text().slice(0, SHOWN).trim()}`);
      return targetsOfGroups(JSON.parse(text()), { __meta_url: url });
    },
    close: () => calls.close(),
  };
}
