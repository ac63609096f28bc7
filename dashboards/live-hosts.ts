import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { Joule, Kilogram, NoUnit, Short, Watt } from '@grafana/grafana-foundation-sdk/units';
import { both, inCurrency, increaseInRange, ratePerSecond, SCENARIOS_SHOWN } from './figure-queries.ts';
import { figuresTable } from './figures-table.ts';
import { liveCounters as counters } from './live-counters.ts';
import { costNow, emissionsNow, perHour, powerNow } from './live-stats.ts';
import { currencyName, moneyUnits } from './money.ts';
import { bars, stat, timeSeries } from './panels.ts';
import { instantQuery, rangeQuery } from './queries.ts';
import { currencyVariable, figureFilters, labelFilter } from './variables.ts';
import { numberedDashboard } from './wattline-dashboard.ts';

const HOST = 'host_name';
const NAMESPACE = 'k8s_namespace_name';
const POD = 'k8s_pod_name';
const chosen = [HOST, NAMESPACE, POD].map((label) => `${label}=~"$${label}"`);
const rate = (counter: string) => ratePerSecond(counter, ...chosen);
const increase = (counter: string) => increaseInRange(counter, ...chosen);

const power = rate(counters.joules);
const cores = rate(counters.coreSeconds);
const cost = both(rate(counters.energyCost), rate(counters.computeCost));
const emissions = rate(counters.emissions);
const monthlyCost = both(increase(counters.energyCost), increase(counters.computeCost));
const greatestBy = (label: string, series: string) => `topk(${SCENARIOS_SHOWN}, sum by (${label}) (${series}))`;

const RECENT = 'A mean over the last minute or so.';
/** The time range of a panel of this month, in the time zone of the dashboard. */
const THIS_MONTH = 'now/M';
const MONTH =
  'since the first of the month, whatever the time range of the dashboard; a counter’s first value is never included.';
const GREATEST = `The ${SCENARIOS_SHOWN} with the most are shown.`;
const LABELLED =
  'The processor `totals` must have `labels: [host.name, k8s.namespace.name]`; what has no such label is one line.';
const ATTRIBUTED = `The processor \`live\` must have \`by: pod\`, and \`totals\` the label \`k8s.pod.name\` too; what is left over of hosts is one line.`;
const COST = 'Of energy and CPU time, as far as they are known.';

/** The energy, cost and emissions of running machines by host, namespace and pod, from the counters of live streams. */
export function liveHosts(): Dashboard {
  const series = `{__name__=~"${counters.joules}|${counters.coreSeconds}"}`;
  return numberedDashboard({
    uid: 'live-hosts',
    title: 'Live hosts and namespaces',
    description: 'Power, cost and CO₂ of machines that keep reporting, by host, Kubernetes namespace and pod',
    refresh: '10s',
    variables: [
      labelFilter(HOST, 'Host', series),
      labelFilter(NAMESPACE, 'Namespace', series),
      labelFilter(POD, 'Pod', series),
      ...figureFilters(series),
      currencyVariable(),
    ],
    panels: [
      powerNow('Power now', power, RECENT),
      costNow(cost, `by the hour. ${COST} ${RECENT}`),
      emissionsNow(emissions, RECENT),
      hostsReporting(),
      energyThisMonth(),
      costThisMonth(),
      emissionsThisMonth(),
      powerBy(HOST, 'host'),
      costBy(HOST, 'host'),
      coresBy(NAMESPACE, 'namespace'),
      costBy(NAMESPACE, 'namespace'),
      powerBy(NAMESPACE, 'namespace', ATTRIBUTED),
      powerBy(POD, 'pod', ATTRIBUTED),
      hostsNow(),
      hostsThisMonth(),
      topScenarios(),
      topNamespaces(),
      podsThisMonth(),
    ],
  });
}

function hostsReporting() {
  return stat({
    title: 'Hosts reporting',
    description: `How many hosts have used energy or CPU time in the last minute or so. ${LABELLED}`,
    ...{ unit: Short, width: 6, height: 5 },
    queries: [rangeQuery('A', `count(sum by (${HOST}) (${both(power, cores)}) > 0)`, 'hosts')],
  });
}

function energyThisMonth() {
  return stat({
    title: 'Energy this month',
    description: `What \`${counters.joules}\` rose by ${MONTH}`,
    ...{ unit: Joule, width: 8, height: 5 },
    queries: [instantQuery('A', `sum(${increase(counters.joules)})`, 'energy')],
  }).timeFrom(THIS_MONTH);
}

function costThisMonth() {
  return stat({
    title: 'Cost this month',
    description: `What \`${counters.energyCost}\` and \`${counters.computeCost}\` rose by ${MONTH} ${COST}`,
    ...{ unit: NoUnit, width: 8, height: 5 },
    queries: [instantQuery('A', inCurrency(`sum(${monthlyCost})`), `cost (${currencyName})`)],
  })
    .overrides(moneyUnits())
    .timeFrom(THIS_MONTH);
}

function emissionsThisMonth() {
  return stat({
    title: 'CO₂ this month',
    description: `What \`${counters.emissions}\` by location rose by ${MONTH}`,
    ...{ unit: Kilogram, width: 8, height: 5 },
    queries: [instantQuery('A', `sum(${increase(counters.emissions)})`, 'CO₂e')],
  }).timeFrom(THIS_MONTH);
}

function powerBy(label: string, word: string, needs = LABELLED) {
  return timeSeries({
    title: `Power by ${word}`,
    description: `The rate of \`${counters.joules}\` of each ${word}. ${GREATEST} ${needs}`,
    ...{ unit: Watt, width: 12, height: 9 },
    queries: [rangeQuery('A', greatestBy(label, power), `{{${label}}}`)],
  });
}

function costBy(label: string, word: string) {
  return timeSeries({
    title: `Cost an hour by ${word}`,
    description: `What each ${word} costs at its present rate, by the hour. ${COST} ${GREATEST} ${LABELLED}`,
    ...{ unit: NoUnit, width: 12, height: 9 },
    queries: [rangeQuery('A', inCurrency(perHour(greatestBy(label, cost))), `{{${label}}} (${currencyName})`)],
  }).overrides(moneyUnits());
}

function coresBy(label: string, word: string) {
  return timeSeries({
    title: `CPU in use by ${word}`,
    description:
      `The rate of \`${counters.coreSeconds}\`: how many cores each ${word} keeps busy. The energy of a machine belongs to ` +
      `no ${word}, unless \`live\` attributes it. ${GREATEST} ${LABELLED}`,
    ...{ unit: 'suffix:cores', width: 12, height: 9 },
    queries: [rangeQuery('A', greatestBy(label, cores), `{{${label}}}`)],
  });
}

function hostsNow() {
  return figuresTable({
    title: 'Hosts now',
    description: `What each host uses at its present rate, the most power first; click a heading to sort. ${COST} ${RECENT}`,
    ...{ unit: NoUnit, width: 12, height: 10 },
    labels: [HOST],
    columns: [
      { refId: 'power', heading: 'Power', figures: power, unit: Watt },
      { refId: 'cores', heading: 'CPU', figures: cores, unit: 'suffix:cores' },
      { refId: 'cost', heading: 'An hour', figures: perHour(cost), unit: 'money' },
      { refId: 'co2', heading: 'CO₂e an hour', figures: perHour(emissions), unit: Kilogram },
    ],
  });
}

function hostsThisMonth() {
  return figuresTable({
    title: 'Hosts this month',
    description: `What each host has used ${MONTH} ${COST}`,
    ...{ unit: NoUnit, width: 12, height: 10 },
    labels: [HOST],
    columns: [
      { refId: 'cost', heading: 'Cost', figures: monthlyCost, unit: 'money' },
      { refId: 'joules', heading: 'Energy', figures: increase(counters.joules), unit: Joule },
      { refId: 'co2', heading: 'CO₂e', figures: increase(counters.emissions), unit: Kilogram },
    ],
  }).timeFrom(THIS_MONTH);
}

function podsThisMonth() {
  return figuresTable({
    title: 'Pods this month',
    description: `What each pod has used ${MONTH} ${COST} ${ATTRIBUTED}`,
    ...{ unit: NoUnit, width: 24, height: 10 },
    labels: [NAMESPACE, POD],
    columns: [
      { refId: 'cost', heading: 'Cost', figures: monthlyCost, unit: 'money' },
      { refId: 'joules', heading: 'Energy', figures: increase(counters.joules), unit: Joule },
      { refId: 'co2', heading: 'CO₂e', figures: increase(counters.emissions), unit: Kilogram },
    ],
  }).timeFrom(THIS_MONTH);
}

function topScenarios() {
  return topThisMonth('scenario', 'Top scenarios this month');
}

function topNamespaces() {
  return topThisMonth(NAMESPACE, 'Top namespaces this month');
}

function topThisMonth(label: string, title: string) {
  return bars({
    title,
    description: `What has cost most ${MONTH} ${COST} ${GREATEST}`,
    ...{ unit: NoUnit, width: 12, height: 10 },
    queries: [
      instantQuery('A', `sort(${inCurrency(greatestBy(label, monthlyCost))})`, `{{${label}}} (${currencyName})`),
    ],
  })
    .overrides(moneyUnits())
    .timeFrom(THIS_MONTH);
}
