import type { FigureDefinition } from 'wattline/plugin';

const USD = '{USD}';

/** Returns whether a figure is in USD, or in USD per unit of something. */
export function isUsd({ unit }: FigureDefinition): boolean {
  return unit === USD || unit.startsWith(`${USD}/`);
}

/** Returns what defines figures in USD in another currency, the same object for the same definition. */
export function converterTo(currency: string): (definition: FigureDefinition) => FigureDefinition {
  const known = new WeakMap<FigureDefinition, FigureDefinition>();
  return (definition) => {
    const converted = known.get(definition) ?? convert(definition, currency);
    known.set(definition, converted);
    return converted;
  };
}

function convert({ name, unit, description }: FigureDefinition, currency: string): FigureDefinition {
  return {
    name: convertedName(name, currency.toLowerCase()),
    unit: unit.replace(USD, `{${currency}}`),
    description: description.replaceAll('USD', currency),
    scope: 'wattline/currency',
  };
}

/** Returns the name with the currency in place of `_usd`, or at its end. */
function convertedName(name: string, currency: string): string {
  const replaced = name.replace(/_usd(?=_|$)/, `_${currency}`);
  return replaced === name ? `${name}_${currency}` : replaced;
}
