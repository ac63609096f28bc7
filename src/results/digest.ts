/** Returns what a run is known by: the first 64 bits of the SHA-256 of its text, in 16 hexadecimal digits. */
export type Digest = (text: string | Uint8Array) => string;

const DIGITS = 16;

/** Returns the digest. What it needs of Node.js is loaded by then, since most runs are read without it. */
export function loadDigest(): Digest {
  const { hash } = process.getBuiltinModule('node:crypto');
  return (text) => hash('sha256', text, 'hex').slice(0, DIGITS);
}
