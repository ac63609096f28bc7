/** What stages do: where runs come from, what they pass, where they go, and what serves them. */
export type Kind = (typeof kinds)[number];

/** All kinds, in the order in which lists of plugins have them. */
export const kinds = ['receiver', 'processor', 'exporter', 'provider', 'extension'] as const;
