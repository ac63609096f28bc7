import { factItems, html, moment } from './elements.js';
import { length } from './numbers.js';
import { basisFacts } from './run-basis.js';

/** Returns the labels and times of a run, how much of it has samples, and what was assumed. */
export function factsOf(run) {
  return factList([
    ['Region', run.region ?? '–'],
    ['Encoder', run.encoder ?? '–'],
    ['Bitrate', run.bitrate ?? '–'],
    ['Started', moment(run.started_at)],
    [run.dated === false ? 'First seen' : 'Ended', moment(run.ended_at)],
    ['Duration', length(run.duration_s)],
    ...basisFacts(run),
  ]);
}

/** Returns the other attributes of a run; null where there are none. */
export function otherFactsOf({ attributes }) {
  const own =
    /^(run\.(start_time|end_time|duration)|factor\..+|energy\.(fill|pue)|cpu|(power|cpu)\.(predicted_.+|interval_level|extrapolated))$/;
  const others = Object.entries(attributes).filter(([name]) => !own.test(name));
  if (others.length === 0) return null;
  return factList(others.map(([name, value]) => [titleOf(name), textOf(value)]));
}

function factList(facts) {
  return html`<dl class="facts">${factItems(facts)}</dl>`;
}

/** Formats an attribute's name: `run.cpu_source` becomes `CPU source`. */
function titleOf(name) {
  const words = name
    .replace(/^run\./, '')
    .replaceAll(/[._]/g, ' ')
    .replace(/\bcpu\b/g, 'CPU');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Formats a value; JSON in a text is parsed. */
export function textOf(value) {
  if (typeof value === 'string') return fromJson(value) ?? value;
  if (Array.isArray(value)) return value.map(textOf).join(' ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name.replaceAll('_', ' ')}: ${textOf(inner)}`)
    .join('; ');
}

function fromJson(text) {
  if (!/^[[{]/.test(text)) return undefined;
  try {
    return textOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}
