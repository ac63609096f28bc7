/** One line of Prometheus's text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads Prometheus's text format; throws at a line that is not valid and at a series that appears twice. */
export function parseExposition(text: string): Sample[] {
  const seen = new Set<string>();
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/.exec(line);
      if (!match) throw new Error(`not a line of the text format: ${line}`);
      const [, name = '', labelText = '', value] = match;
      const labels = Object.fromEntries(
        [...labelText.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g)].map(([, key, raw]) => [
          key,
          String(raw).replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped)),
        ]),
      );
      const series = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
      if (seen.has(series)) throw new Error(`a series appears twice: ${line}`);
      seen.add(series);
      return { name, labels, value: Number(value) };
    });
}

/** The value of the only series of that name whose labels include the given ones; undefined where there is none. */
export function seriesValue(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = Object.entries(labels);
  const found = samples.filter((sample) => sample.name === name && wanted.every(([k, v]) => sample.labels[k] === v));
  if (found.length > 1) throw new Error(`${found.length} series of ${name} match ${JSON.stringify(labels)}`);
  return found[0]?.value;
}
