import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gzipPage, plainPage } from './page.ts';
import { TextBlock } from './text-block.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.tuple(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 2000 })).map(([word, times]) => word.repeat(times)),
);

describe('a compressed page', () => {
  it('is the plain one, whatever its pieces are and whichever of them are kept from an earlier page', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 5 }),
        fc.array(fc.tuple(fc.array(fc.nat(4), { maxLength: 6 }), text), { minLength: 1, maxLength: 3 }),
        async (texts, pages) => {
          const known = texts.map((one) => new TextBlock(one));
          for (const [choice, rest] of pages) {
            const pieces = choice.flatMap((index) => known[index] ?? []);
            const plain = Buffer.concat(plainPage(pieces, rest));
            expect(plain.toString()).toBe(Buffer.from(pieces.map((piece) => piece.text).join('') + rest).toString());
            expect(gunzipSync(Buffer.concat(await gzipPage(pieces, rest)))).toEqual(plain);
          }
        },
      ),
      { numRuns: 50 },
    ));

  it('is one member, of which readers that stop at the first end see everything', async () => {
    const page = Buffer.concat(await gzipPage([new TextBlock('a'.repeat(1000)), new TextBlock('b'.repeat(1000))], 'c'));
    const stream = new DecompressionStream('gzip');
    const writer = stream.writable.getWriter();
    // A DecompressionStream refuses whatever follows the first member.
    const written = Promise.all([writer.write(page), writer.close()]);
    const read = new Response(stream.readable).text();
    expect(await read).toBe(`${'a'.repeat(1000)}${'b'.repeat(1000)}c`);
    await written;
  });

  it('has what a piece was compressed to before', async () => {
    const pieces = [new TextBlock('a'.repeat(1000)), new TextBlock('b'.repeat(1000))];
    const [first, second] = [await gzipPage(pieces, '1'), await gzipPage(pieces, '2')];
    expect(second[1]).toBe(first[1]);
    expect(second[2]).toBe(first[2]);
    expect(first.map(({ length }) => length > 0)).not.toContain(false);
  });
});
