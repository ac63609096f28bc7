import { byId, fill, html, moment } from './elements.js';

/** Shows the panels of what there is, streams or runs, and of what there is not what is missing. */
export function showPresent({ history }, { all_counters, last_at, pipelines, status_page }) {
  const hasRuns = history.runs > 0;
  const hasStreams = all_counters > 0;
  byId('streams').hidden = !hasStreams;
  byId('no-streams').hidden = hasStreams;
  for (const panel of document.querySelectorAll('.of-runs')) panel.hidden = !hasRuns;
  byId('no-runs').hidden = hasRuns;
  byId('runs-part').hidden = !(hasRuns && hasStreams);
  const hint = status_page && html`<p>What has come and what was skipped is at <a href="status">/status</a>.</p>`;
  fill(byId('no-runs-text'), [noRuns(pipelines), !hasRuns && hasStreams ? false : hint]);
  fill(byId('no-streams-text'), [noStreams(pipelines, last_at), hasRuns && hint]);
}

function noRuns(pipelines) {
  const receivers = namesOf(pipelines.flatMap((pipeline) => pipeline.receivers));
  return html`<p>No run has arrived yet. A run is a measurement with a start and an end: a results file, or OTLP whose resource has <code>run.start_time</code> or <code>run.id</code>.</p>
    ${receivers.length > 0 && html`<p>Receivers of this process: ${receivers}.</p>`}`;
}

function noStreams(pipelines, last) {
  const counting = pipelines.filter(({ counts_streams }) => counts_streams);
  if (last) {
    return html`<p>No stream has been counted this month. The last value came at ${moment(last)}.</p>`;
  }
  if (counting.length === 0) {
    return html`<p>No pipeline of this process counts streams, which are what Collectors, SDKs and exporters of running machines keep sending.</p>
      <p>To see them, put the processor <code>live</code> first and <code>totals</code> last into a pipeline that receives from <code>http</code> or <code>prometheus</code>.</p>`;
  }
  const receivers = namesOf(counting.flatMap((pipeline) => pipeline.receivers));
  return html`<p>Nothing of a stream has been counted yet. The pipelines that count streams receive from ${receivers}.</p>
    <p>A figure needs two points of a meter, such as <code>hw.host.power</code>, <code>hw.energy</code> or <code>process.cpu.time</code>, from a resource that is no run.</p>`;
}

/** Returns names as code, each once, with commas between them. */
function namesOf(names) {
  return [...new Set(names)].map((name, i) => html`${i > 0 && ', '}<code>${name}</code>`);
}
