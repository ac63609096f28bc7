import type { FigureDefinition } from 'wattline/plugin';

const USD = '{USD}';

/** Whether a metric is a figure in USD, or in USD per unit of something. */
export function isUsd({ unit }: FigureDefinition): boolean {
  return unit === USD || unit.startsWith(`${USD}/`);
}

/** Returns the name of a figure in another currency, which replaces `_usd` in its name or is appended. */
export function convertedName(name: string, currency: string): string {
  const code = currency.toLowerCase();
  const replaced = name.replace(/_usd(?=_|$)/, `_${code}`);
  return replaced === name ? `${name}_${code}` : replaced;
}

/** Returns a figure in USD as a new figure in another currency, with its labels; `rate` is the units for one dollar. */
export class Currencies {
  readonly #known = new WeakMap<FigureDefinition, Map<string, FigureDefinition>>();

  converted(definition: FigureDefinition, currency: string): FigureDefinition {
    const known = this.#known.get(definition) ?? new Map<string, FigureDefinition>();
    this.#known.set(definition, known);
    const converted = known.get(currency) ?? definitionIn(currency, definition);
    known.set(currency, converted);
    return converted;
  }
}

function definitionIn(currency: string, { name, unit, description }: FigureDefinition): FigureDefinition {
  return {
    name: convertedName(name, currency),
    unit: unit.replace(USD, `{${currency}}`),
    description: description.replaceAll('USD', currency),
    scope: 'wattline/currency',
  };
}
