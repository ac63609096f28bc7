import { scaled } from './numbers.js';

/** A text of HTML, in contrast to a text that must be escaped. */
class Markup {
  constructor(text) {
    this.text = text;
  }
}

/** Returns HTML. Values are escaped unless they are HTML, lists are joined; null, undefined and false are left out. */
export function html(strings, ...values) {
  return new Markup(String.raw({ raw: strings }, ...values.map(markupOf)));
}

function markupOf(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(markupOf).join('');
  if (value === null || value === undefined || value === false) return '';
  return String(value).replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export const byId = (id) => document.getElementById(id);

/** Replaces the content of an element with HTML or text. */
export function fill(element, content) {
  element.innerHTML = markupOf(content);
}

/** Returns a formatted number with its exact value in an attribute. */
export function datum(value, text) {
  return value === null || value === undefined ? text : html`<data value="${value}">${text}</data>`;
}

/** Returns a value of `base` with its best unit, such as `259.7 mg`; a dash where it is not known. */
export function amount(value, base) {
  const { text, unit } = scaled(value, base);
  return value === null ? text : html`${datum(value, text)} ${unit}`;
}

const format = new Intl.DateTimeFormat('en-CA', {
  ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  hourCycle: 'h23',
});

/** Returns a time in the local time zone; a dash where there is none. */
export function moment(iso) {
  return iso ? html`<time datetime="${iso}">${format.format(new Date(iso)).replace(',', '')}</time>` : '–';
}

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Returns the items of a list of facts, each with its name and value. */
export function factItems(facts) {
  return facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`);
}

/** Returns a table of texts and HTML; the first column is the heading of the row. */
export function simpleTable(caption, headings, rows, className) {
  const [first, ...others] = headings;
  const head = [
    html`<th scope="col" class="text">${first}</th>`,
    others.map((name) => html`<th scope="col">${name}</th>`),
  ];
  const body = rows.map(
    ([name, ...cells]) =>
      html`<tr><th scope="row" class="text">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  );
  return html`<table class="${className}">
    <caption class="unseen">${caption}</caption>
    <thead><tr>${head}</tr></thead>
    <tbody>${body}</tbody>
  </table>`;
}

/** Returns an element that scrolls on its own and can be focused by keyboard. */
export function scrolling(label, content) {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${content}</div>`;
}
