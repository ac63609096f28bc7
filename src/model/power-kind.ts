/**
 * How power came about, in the three words that are used everywhere: `measured` by a meter, `modelled` of the utilisation by
 * a curve or by a vendor's model, or `predicted` from other runs.
 */
export const powerKinds = ['measured', 'modelled', 'predicted'] as const;

export type PowerKind = (typeof powerKinds)[number];

/** The three words as messages name them. */
export const wordsOfPower = '`measured`, `modelled` or `predicted`';

/** The value of the label `power`, which figures of measured power do not have. */
export type PowerLabel = Exclude<PowerKind, 'measured'>;

/** Returns whether a value is one of the three words. */
export function isPowerKind(value: unknown): value is PowerKind {
  return powerKinds.some((kind) => kind === value);
}

/** Returns what a value says as the label `power`; undefined where it says measured, or none of the three words. */
export function powerLabelOf(value: unknown): PowerLabel | undefined {
  return value === 'modelled' || value === 'predicted' ? value : undefined;
}

/** Returns how the power of a run came about, if it has any. */
export function powerKindOf({ power }: { readonly power: PowerLabel | undefined }): PowerKind {
  return power ?? 'measured';
}
