import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { NoUnit, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import { aliveInstances, upOrDown } from './alive.ts';
import { bars, describedPanel, table, timeSeries } from './panels.ts';
import { instantQuery, rangeQuery, tableQuery } from './queries.ts';
import { numberedDashboard } from './wattline-dashboard.ts';

const POINTS_PER_SECOND = 'suffix:points/s';

/** Whether the pipeline receives and sends data, and keeps up. */
export function pipelineOperation(): Dashboard {
  return numberedDashboard({
    uid: 'pipeline-operation',
    title: 'Pipeline operation',
    description: 'Wattline’s own telemetry: received, sent, queued and skipped data',
    refresh: '10s',
    variables: [],
    panels: [
      alive(),
      received(),
      refused(),
      pointsReceived(),
      sent(),
      sendFailed(),
      pointsSent(),
      queueFill(),
      queueLength(),
      skipped(),
    ],
  });
}

function alive() {
  return describedPanel(new StateTimelineBuilder(), {
    title: 'Alive',
    description:
      '`cost_exporter_alive` of each instance, held for two minutes; a gap is an instance without heartbeats. Pushed ' +
      'heartbeats have no instance.',
    unit: NoUnit,
    width: 24,
    height: 5,
    queries: [rangeQuery('A', aliveInstances, '{{job}} {{instance}}')],
  }).mappings(upOrDown);
}

function received() {
  return timeSeries({
    title: 'Received',
    description:
      'Data points per second that passed the whole pipeline, by receiver: `otelcol_receiver_accepted_metric_points_total`. ' +
      'A file read at the start is in the counter’s first value, and does not show as a rate.',
    unit: POINTS_PER_SECOND,
    width: 8,
    height: 8,
    queries: [rangeQuery('A', rate('receiver', 'accepted'), '{{receiver}}')],
  });
}

function refused() {
  return timeSeries({
    title: 'Refused and failed',
    description:
      'Data points per second that the pipeline could not accept at the time (refused: the sender should retry) and that ' +
      'it rejected permanently (failed), by receiver. 0 where a receiver has had none so far.',
    unit: POINTS_PER_SECOND,
    width: 8,
    height: 8,
    queries: [
      rangeQuery('A', orZero('receiver', rate('receiver', 'refused')), '{{receiver}} refused'),
      rangeQuery('B', orZero('receiver', rate('receiver', 'failed')), '{{receiver}} failed'),
    ],
  });
}

function pointsReceived() {
  return bars({
    title: 'Received since the start',
    description: 'Data points since the process started, by receiver and outcome.',
    unit: Short,
    width: 8,
    height: 8,
    queries: [
      instantQuery('A', sum('receiver', 'accepted'), '{{receiver}} accepted'),
      instantQuery('B', sum('receiver', 'refused'), '{{receiver}} refused'),
      instantQuery('C', sum('receiver', 'failed'), '{{receiver}} failed'),
    ],
  });
}

function sent() {
  return timeSeries({
    title: 'Sent',
    description:
      'Data points per second that were delivered, by exporter: `otelcol_exporter_sent_metric_points_total`.',
    unit: POINTS_PER_SECOND,
    width: 8,
    height: 8,
    queries: [rangeQuery('A', rate('exporter', 'sent'), '{{exporter}}')],
  });
}

function sendFailed() {
  return timeSeries({
    title: 'Could not be sent',
    description:
      'Data points per second that were dropped after retries or rejected, by exporter: `otelcol_exporter_send_failed_metric_points_total`. ' +
      '0 where an exporter has had none so far.',
    unit: POINTS_PER_SECOND,
    width: 8,
    height: 8,
    queries: [rangeQuery('A', orZero('exporter', rate('exporter', 'send_failed')), '{{exporter}}')],
  });
}

function pointsSent() {
  return bars({
    title: 'Sent since the start',
    description: 'Data points since the process started, by exporter and outcome.',
    unit: Short,
    width: 8,
    height: 8,
    queries: [
      instantQuery('A', sum('exporter', 'sent'), '{{exporter}} sent'),
      instantQuery('B', sum('exporter', 'send_failed'), '{{exporter}} failed'),
    ],
  });
}

function queueFill() {
  return timeSeries({
    title: 'Sending queues, full to',
    description:
      '`otelcol_exporter_queue_size` over `otelcol_exporter_queue_capacity`: at 100 % senders should retry. Only ' +
      'exporters that send over the network have a queue.',
    unit: PercentUnit,
    width: 8,
    height: 8,
    queries: [
      rangeQuery(
        'A',
        'max by (exporter) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)',
        '{{exporter}}',
      ),
    ],
  }).axisSoftMax(1);
}

function queueLength() {
  return timeSeries({
    title: 'Runs waiting',
    description: '`otelcol_exporter_queue_size`: runs that wait to be sent, without those in requests.',
    unit: Short,
    width: 8,
    height: 8,
    queries: [rangeQuery('A', 'sum by (exporter) (otelcol_exporter_queue_size)', '{{exporter}}')],
  });
}

function skipped() {
  return table({
    title: 'Skipped',
    description:
      '`wattline_skipped_total` since the process started: skipped data and figures, by component, item and ' +
      'reason. Each plugin’s README says what its reasons mean.',
    unit: Short,
    width: 8,
    height: 8,
    queries: [
      tableQuery('A', 'sum by (receiver, processor, exporter, extension, item, reason) (wattline_skipped_total)'),
    ],
  })
    .withTransformation({
      id: 'organize',
      options: { excludeByName: { Time: true }, indexByName: {}, renameByName: {} },
    })
    .overrideByName('Value', [{ id: 'displayName', value: 'Times' }]);
}

type Side = 'receiver' | 'exporter';

function counter(side: Side, fate: string): string {
  return `otelcol_${side}_${fate}_metric_points_total`;
}

function sum(side: Side, fate: string): string {
  return `sum by (${side}) (${counter(side, fate)})`;
}

function rate(side: Side, fate: string): string {
  return `sum by (${side}) (rate(${counter(side, fate)}[$__rate_interval]))`;
}

/** The rates, with 0 for every active component without any. */
function orZero(side: Side, rates: string): string {
  const atWork = side === 'receiver' ? 'accepted' : 'sent';
  return `${rates} or 0 * ${sum(side, atWork)}`;
}
