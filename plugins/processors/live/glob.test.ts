import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isLike } from './glob.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 12 });
const form = fc.string({ unit: fc.constantFrom('a', 'b', '_', '*'), maxLength: 8 });

it('a form is like what a regular expression finds', () => {
  fc.assert(
    fc.property(form, text, (pattern, name) => {
      expect(isLike(pattern, name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
    }),
    { numRuns: 1000 },
  );
});
