import { apiFilters, goTo, readAddress, streamFilters } from './address.js';
import { showAdvice } from './advice.js';
import { byId, fill, html, scrolling, zone } from './elements.js';
import { connectFilters, offerChoices, showFilters } from './filters.js';
import { showGauges } from './gauges.js';
import { setCurrency } from './money.js';
import { showPanels } from './panels.js';
import { showPresent } from './present.js';
import { hideRun, showNoRun, showRun } from './run.js';
import { recordAnswer, recordFailure, showStatus } from './status.js';
import { showStreams } from './streams.js';
import { showRuns } from './table.js';

const POLL = 5000;
/** The last answers, so that nothing is drawn twice. */
const shown = { summary: '', runs: '', run: '', streams: '', advice: '' };
let turn = 0;
let timer;

start();

function start() {
  fill(byId('runs-place'), scrolling('Runs, table', html`<table id="runs"></table>`));
  fill(byId('streams-place'), scrolling('Streams, table', html`<div id="streams-table"></div>`));
  connectFilters();
  byId('zone').textContent = `in ${zone}`;
  document.addEventListener('click', followInside);
  addEventListener('popstate', () => show(true));
  addEventListener('visibilitychange', () => {
    if (!document.hidden) refresh();
  });
  setInterval(showStatus, 1000);
  show(false);
}

/** Links to runs and back, and buttons that sort or turn pages, change the view without reloading the page. */
function followInside(event) {
  const button = event.target.closest?.('button[data-page], button[data-by]');
  if (button) {
    const { focus: _, ...changes } = button.dataset;
    goTo(changes);
  }
  const link = event.target.closest?.('a[data-run], #home');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
  event.preventDefault();
  history.pushState(null, '', link.getAttribute('href'));
  show(true);
}

/** Shows the view of the URL; after navigation, moves the focus into it. */
async function show(moved) {
  const view = readAddress();
  const changes = byId('run').hidden !== (view.run === '');
  const left = shown.runId;
  byId('overview').hidden = view.run !== '';
  byId('run').hidden = view.run === '';
  byId('filters').hidden = view.run !== '';
  shown.runId = view.run;
  if (view.run === '') hideRun();
  showFilters(view);
  shown.run = '';
  shown.runs = '';
  shown.streams = '';
  if (changes) shown.summary = '';
  await refresh();
  if (!moved || !changes) return;
  scrollTo(0, 0);
  if (view.run) byId('run-title')?.focus();
  else (document.querySelector(`[data-focus="run-${CSS.escape(left ?? '')}"]`) ?? byId('content')).focus();
}

/** Fetches the data of the view and draws what has changed; repeats after an interval. */
async function refresh() {
  clearTimeout(timer);
  const own = ++turn;
  const view = readAddress();
  try {
    const filters = apiFilters(view);
    const { sort, order, page, run: id } = view;
    const [summary, streams, advice, runs, run] = await Promise.all([
      get('api/summary', filters),
      get('api/streams', streamFilters(view)),
      get('api/advice', {}),
      id ? undefined : get('api/runs', { ...filters, sort, order, page }),
      id ? get('api/run', { id }) : undefined,
    ]);
    if (own !== turn) return;
    render(view, { summary, streams, advice, runs, run });
    showProblem('');
  } catch (error) {
    if (own !== turn) return;
    if (error instanceof TypeError) recordFailure();
    else showProblem(error.message);
  }
  timer = setTimeout(refresh, POLL);
}

function render(view, { summary, streams, advice, runs, run }) {
  const facts = read(summary);
  const live = read(streams);
  setCurrency(facts.currency);
  recordAnswer(facts, live);
  if (run && shown.run !== run.text) renderRun(run);
  if (!runs) return;
  const page = read(runs);
  const isNew = shown.summary !== summary.text;
  // Charts are drawn only where they are visible.
  showPresent(facts, live);
  if (shown.runs !== runs.text || isNew) showRuns(page, facts, view);
  if (isNew) {
    offerChoices(facts.choices, view);
    showGauges(facts);
    showPanels(facts);
  }
  if (shown.streams !== streams.text) showStreams(live, view, facts.history);
  if (shown.advice !== advice.text) showAdvice(read(advice));
  shown.advice = advice.text;
  shown.runs = runs.text;
  shown.summary = summary.text;
  shown.streams = streams.text;
}

function read({ status, text }) {
  const answer = JSON.parse(text);
  if (status !== 200) throw new Error(answer.error);
  return answer;
}

function renderRun({ status, text }) {
  shown.run = text;
  const run = JSON.parse(text);
  if (status === 200) showRun(run);
  else showNoRun(run.error);
}

function showProblem(text) {
  byId('problem').textContent = text;
  byId('problem').hidden = text === '';
}

async function get(path, query) {
  const response = await fetch(`${path}?${new URLSearchParams(query)}`, { signal: AbortSignal.timeout(10_000) });
  return { status: response.status, text: await response.text() };
}
