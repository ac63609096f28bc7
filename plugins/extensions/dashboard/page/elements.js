/** Creates an element; children are nodes, texts, or null for nothing. Text is never parsed as HTML. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false)
      element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Replaces the children of an element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
}

/** Returns a formatted number with its exact value in an attribute. */
export function datum(value, text) {
  return value === null || value === undefined ? text : make('data', { value: String(value) }, text);
}

const format = new Intl.DateTimeFormat('en-CA', {
  ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  hourCycle: 'h23',
});

/** Returns a time in the local time zone; a dash where there is none. */
export function moment(iso) {
  return iso ? make('time', { datetime: iso }, format.format(new Date(iso)).replace(',', '')) : '–';
}

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Returns a table of texts and nodes; the first column is the heading of the row. */
export function simpleTable(caption, headings, rows, className) {
  const align = (index) => (index === 0 ? 'text' : null);
  return make(
    'table',
    { class: className },
    make('caption', { class: 'unseen' }, caption),
    make(
      'thead',
      {},
      make('tr', {}, ...headings.map((heading, i) => make('th', { scope: 'col', class: align(i) }, heading))),
    ),
    make(
      'tbody',
      {},
      ...rows.map(([name, ...cells]) =>
        make('tr', {}, make('th', { scope: 'row', class: 'text' }, name), ...cells.map((cell) => make('td', {}, cell))),
      ),
    ),
  );
}

/** Returns an element that scrolls on its own and can be focused by keyboard. */
export function scrolling(label, child) {
  return make('div', { class: 'scroll', role: 'region', 'aria-label': label, tabindex: '0' }, child);
}
