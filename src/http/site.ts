import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** What a listener knows of itself when it judges where a request comes from. */
export interface Site {
  /** Whether only this machine reaches it, so that a strange name can only be one that was pointed at it. */
  readonly isLoopback: boolean;
  /** The names that the configuration gives it; `*` is any. */
  readonly allowedHosts: readonly string[];
  /** Whether it goes by a name without a word of the configuration, as by that of its machine or its certificate. */
  hasName(name: string): boolean;
}

/**
 * Returns why a request must not be answered, since a browser sends it in the name of a page of another site, or under a
 * name that was pointed at this address (DNS rebinding); undefined where nothing speaks against it.
 *
 * Programs send neither `Origin` nor `Sec-Fetch-Site` (Node.js sends `Sec-Fetch-Mode`), so they may call a listener that
 * other machines reach by any name.
 */
export function problemOfSite({ method, headers }: IncomingMessage, site: Site): string | undefined {
  const { host, origin } = headers;
  const from = headers['sec-fetch-site'];
  const isBrowser = origin !== undefined || from !== undefined;
  const isChecked = isBrowser || site.isLoopback || site.allowedHosts.length > 0;
  if (isChecked && host !== undefined && !isOwn(nameOf(`http://${host}`), site)) {
    return 'this server does not go by the name in `Host`; list it in `allowed_hosts` where it should';
  }
  const isOfSite = origin === undefined || isSameOrigin(origin, host, site);
  if (isOfSite && (from === undefined || from === 'same-origin' || from === 'none' || isLink(method, headers))) {
    return undefined;
  }
  return 'requests of other sites are not answered here';
}

/** Whether somebody followed a link or typed an address: the page of the other site gets nothing of the answer. */
function isLink(method: string | undefined, headers: IncomingMessage['headers']): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return isRead && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

/** A proxy may have put another name into `Host` than the one that the browser knows. */
function isSameOrigin(origin: string, host: string | undefined, { allowedHosts }: Site): boolean {
  const name = nameOf(origin);
  if (name === undefined) return false;
  return new URL(origin).host === host?.toLowerCase() || allowedHosts.some((allowed) => allowed.toLowerCase() === name);
}

/** An address is no name, and nobody can point it elsewhere. */
function isOwn(name: string | undefined, { allowedHosts, hasName }: Site): boolean {
  if (name === undefined) return false;
  if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return true;
  return allowedHosts.some((allowed) => allowed === '*' || allowed.toLowerCase() === name) || hasName(name);
}

/** Returns the host of a URL in lower case, without brackets and the dot at its end; undefined where it is none. */
function nameOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const name = new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return name === '' ? undefined : name;
}
