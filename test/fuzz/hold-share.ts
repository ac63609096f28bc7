import { expect, it } from 'vitest';
import { sharesOf, targetsOf } from './all-targets.ts';
import { campaign } from './campaign.ts';

/** How many cases `npm test` reads; they are the same each time. */
const CASES = Number(process.env.FUZZ_CASES ?? 20_000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

const targets = await targetsOf();
const shares = sharesOf(targets, CASES);

/** Tests every `of`th target from the one at `first` on, so that several workers share them. */
export function holdShare(first: number, of: number): void {
  for (const [index, target] of targets.entries()) {
    if (index % of !== first) continue;
    it(`${target.name} is read or refused as promised, at a cost that its bytes bound`, {
      timeout: 300_000,
    }, async () => {
      const { failure, accepted, refused } = await campaign(target, { cases: shares[index] as number, seed });
      target.close?.();
      const shown = failure && `${failure.why}\n${Buffer.from(failure.bytes).toString('base64').slice(0, 4000)}`;
      expect(shown).toBeUndefined();
      expect(accepted, `${refused} refused`).toBeGreaterThan(0);
    });
  }
}
