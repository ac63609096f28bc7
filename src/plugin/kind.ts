/** What stages do: where runs come from, what they pass, where they go, and what serves them. */
export type Kind = 'receiver' | 'processor' | 'exporter' | 'provider' | 'extension';
