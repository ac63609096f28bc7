const NAME = 'Wattline default';

/** The source and the year of numbers that came with Wattline from its beginning, and that nothing published was found for. */
export const DEFAULT = { source: `${NAME}, no source given, unverified`, year: 2025 } as const;

/** The same for regions that are not known. */
export const DEFAULT_ELSEWHERE = {
  ...DEFAULT,
  source: `${NAME} for regions that are not known, no source given, unverified`,
} as const;

/** Returns whether a factor of that source, or a part of one that stands for several, is such a default. */
export function isDefault(source: string): boolean {
  return source.split(' + ').some((one) => one.startsWith(NAME));
}
