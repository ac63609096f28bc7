import { isIP } from 'node:net';

/** Returns whether a host name or address means the machine itself, on whatever machine it is read. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (isIP(plain) === 0) return plain === 'localhost' || plain.startsWith('localhost.');
  return /^(?:127\.|0\.0\.0\.0$|::1?$|::ffff:127\.)/.test(plain);
}

/** Returns the host of `host:port`; undefined where a text has another form, such as a UUID. */
export function hostOfAddress(address: string): string | undefined {
  return /^(.+):\d+$/.exec(address)?.[1]?.replace(/^\[|\]$/g, '');
}

/**
 * Returns the address that something came from as a witness of who sent it: without what a socket writes before one of IPv4.
 * Undefined where that is not known, or is a loopback address, behind which a tunnel may hide any machine.
 */
export function peerOf(address: string | undefined): string | undefined {
  const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '');
  return plain === undefined || isLoopback(plain) ? undefined : plain;
}
