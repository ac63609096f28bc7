const FILTERS = ['scenario', 'search', 'region', 'encoder', 'range', 'from', 'to'];
const OTHERS = ['sort', 'order', 'page', 'run', 'by'];
const HOURS = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 };

/** Returns the view of the page's URL: filters, sorting, page and run. */
export function readAddress() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries([...FILTERS, ...OTHERS].map((name) => [name, query.get(name) ?? '']));
}

/** Returns the URL of the present view with changes; empty values are left out. */
export function addressWith(changes) {
  const entries = Object.entries({ ...readAddress(), ...changes }).filter(([, value]) => value !== '');
  const query = new URLSearchParams(entries).toString();
  return query ? `?${query}` : location.pathname;
}

/** Goes to a changed view, which listeners of `popstate` show. */
export function goTo(changes) {
  history.pushState(null, '', addressWith(changes));
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Returns the filters as parameters of the API, which ignores empty ones. A relative range moves by the minute. */
export function apiFilters({ scenario, search, region, encoder, range, from, to }) {
  const others = { scenario, search, region, encoder };
  const iso = (time) => time && new Date(time).toISOString();
  if (range === 'custom') return { ...others, from: iso(from), to: iso(to) };
  if (!(range in HOURS)) return others;
  const start = Date.now() - HOURS[range] * 3_600_000;
  return { ...others, from: iso(start - (start % 60_000)) };
}

/** Returns the filters that streams have too. */
export function streamFilters({ scenario, search, region, encoder }) {
  return { scenario, search, region, encoder };
}

/** Whether any filter is set. */
export function isFiltered(view) {
  return FILTERS.some((name) => view[name] !== '');
}
