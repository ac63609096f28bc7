import { hash } from 'node:crypto';
import { attributesKey, type Run } from 'wattline/plugin';

/** Returns a text that tells a resource from others; undefined where it says nothing of itself. */
export function senderOf({ attributes }: Run): string | undefined {
  const key = attributesKey(attributes);
  return key === '[]' ? undefined : hash('sha256', key).slice(0, 16);
}
