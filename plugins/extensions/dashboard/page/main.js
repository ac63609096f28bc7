import { apiFilters, goTo, readAddress } from './address.js';
import { byId, fill, html, scrolling, zone } from './elements.js';
import { connectFilters, offerChoices, showFilters } from './filters.js';
import { showGauges } from './gauges.js';
import { showPanels } from './panels.js';
import { hideRun, showNoRun, showRun } from './run.js';
import { recordAnswer, recordFailure, showStatus } from './status.js';
import { showRuns } from './table.js';

const POLL = 5000;
/** The last answers, so that nothing is drawn twice. */
const shown = { summary: '', runs: '', run: '' };
let turn = 0;
let timer;

start();

function start() {
  fill(byId('runs-place'), scrolling('Runs, table', html`<table id="runs"></table>`));
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
  const button = event.target.closest?.('button[data-page]');
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
    const [summary, runs, run] = await Promise.all([
      get('api/summary', filters),
      id ? undefined : get('api/runs', { ...filters, sort, order, page }),
      id ? get('api/run', { id }) : undefined,
    ]);
    if (own !== turn) return;
    render(view, summary, runs, run);
    showProblem('');
  } catch (error) {
    if (own !== turn) return;
    if (error instanceof TypeError) recordFailure();
    else showProblem(error.message);
  }
  timer = setTimeout(refresh, POLL);
}

function render(view, summary, runs, run) {
  const facts = JSON.parse(summary.text);
  if (summary.status !== 200) throw new Error(facts.error);
  recordAnswer(facts);
  if (run && shown.run !== run.text) renderRun(run);
  if (!runs) return;
  const page = JSON.parse(runs.text);
  if (runs.status !== 200) throw new Error(page.error);
  if (shown.runs !== runs.text || shown.summary !== summary.text) showRuns(page, facts, view);
  if (shown.summary !== summary.text) {
    offerChoices(facts.choices, view);
    showGauges(facts);
    showPanels(facts);
  }
  shown.runs = runs.text;
  shown.summary = summary.text;
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
