import type { Flaw } from '../errors.ts';

const TYPE = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/;
const NAME = /^[^\p{Z}\p{C}\p{S}]{1,1024}$/u;

/** Splits `type/name` at its first slash and trims both parts. Returns undefined where either is invalid. */
export function parseId(text: string): { id: string; type: string } | undefined {
  const [type, name] = partsOf(text);
  if (!TYPE.test(type) || (name !== undefined && !NAME.test(name))) return undefined;
  return { id: name === undefined ? type : `${type}/${name}`, type };
}

/** Returns a valid id without spaces around its parts, and any other text as it is. */
export function normalId(text: string): string {
  return parseId(text)?.id ?? text;
}

function partsOf(text: string): readonly [type: string, name?: string] {
  const [type = '', name] = text.split(/\/(.*)/s, 2).map((part) => part.trim());
  return name === undefined ? [type] : [type, name];
}

/** Returns the problem with a text that is no id. */
export function flawOfId(text: string): Flaw {
  const [type, name] = partsOf(text);
  const remedy = 'write a type such as `debug`, or a type and a name such as `debug/second`';
  const flaw = (message: string): Flaw => ({ message, remedy });
  if (type === '') return flaw(`\`${text}\` is an id without a type`);
  if (!TYPE.test(type))
    return flaw(`\`${type}\` is not a type, which is a letter and at most 62 letters, digits and _ after it`);
  if (name === '') return flaw(`in \`${text}\` no name follows the slash`);
  const rule = 'which has no spaces and no symbols such as + or $, and at most 1024 characters';
  return flaw(`\`${name}\` is not a name, ${rule}`);
}
