import { byId, factItems, fill, html, moment } from './elements.js';
import { age, plain } from './numbers.js';

/** Milliseconds without an answer after which Wattline counts as down. */
const DOWN_AFTER = 12_000;

let latest;
let live;
let answeredAt = 0;
let failed = false;

/** Records an answer. */
export function recordAnswer(summary, streams) {
  latest = summary;
  live = streams;
  answeredAt = Date.now();
  failed = false;
  showStatus();
}

/** Records a missing answer. */
export function recordFailure() {
  failed = true;
  showStatus();
}

/** Shows whether Wattline is up, and the age of its data. */
export function showStatus() {
  const silence = Date.now() - answeredAt;
  const isUp = answeredAt > 0 && !failed && silence < DOWN_AFTER;
  const word = isUp ? 'UP' : 'DOWN';
  const state = byId('state');
  state.className = `figure state dot ${isUp ? 'good' : 'bad'}`;
  fill(state, html`<data value="${isUp ? 1 : 0}">${word}</data>`);
  const pill = byId('pill');
  pill.className = `pill dot ${isUp ? 'good' : 'bad'}`;
  // Set only where it differs, so that a screen reader announces changes only.
  if (pill.textContent !== word) pill.textContent = word;
  const heard = answeredAt ? `${age(silence / 1000)} ago` : 'never';
  const { status, totals, history } = latest ?? {};
  const arrived = status?.last_arrival_at;
  const ofRuns = [
    ['Last run arrived', arrived ? `${ageOf(arrived)} ago` : status ? 'none since the start' : '–'],
    ['Last run ended', totals?.last_s ? moment(new Date(totals.last_s * 1000).toISOString()) : '–'],
    ['Runs', totals ? runsText(totals, history) : '–'],
  ];
  const facts = [
    ['Answered', heard],
    ...(live?.last_at ? [['Last value of a stream', `${ageOf(live.last_at)} ago`]] : []),
    ...(history?.runs === 0 ? [] : ofRuns),
    ['History', history ? historyText(history) : '–'],
    ...(live?.status_page ? [['Pipelines', html`<a href="status">/status</a>`]] : []),
  ];
  fill(byId('facts'), factItems(facts));
}

function ageOf(iso) {
  return age((Date.now() - Date.parse(iso)) / 1000);
}

function runsText({ runs, ...counts }, history) {
  const selected = runs === history.runs ? plain(runs, 7) : `${plain(runs, 7)} of ${plain(history.runs, 7)}`;
  const kinds = ['measured', 'modelled', 'predicted'].filter((kind) => counts[`${kind}_runs`]);
  return [selected, ...kinds.map((kind) => `${plain(counts[`${kind}_runs`], 7)} ${kind}`)].join(', ');
}

function historyText({ path, max_runs }) {
  return `up to ${plain(max_runs, 7)} runs, ${path ? `in ${path}` : 'in memory: a restart empties it'}`;
}
