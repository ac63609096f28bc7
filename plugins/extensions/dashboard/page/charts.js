import { byId } from './elements.js';
import { plain } from './numbers.js';

const TIMES = {
  ...{ year: '{yyyy}', month: '{MMM} {yyyy}', day: '{MMM} {d}' },
  ...{ hour: '{HH}:{mm}', minute: '{HH}:{mm}', second: '{HH}:{mm}:{ss}', millisecond: '{HH}:{mm}:{ss}' },
};

const drawn = new Map();
let library;

/** Draws a chart, whose options may depend on the colours, and draws it again when the colours or the size change. */
export async function draw(id, describe) {
  drawn.set(id, describe);
  library ??= import('./echarts.js');
  await library;
  if (drawn.get(id) === describe) await redraw(id);
}

/** Redraws all charts when the colour scheme or the width of the window changes. */
export function connectCharts() {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const id of drawn.keys()) redraw(id);
  });
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) instanceOf(target)?.resize();
  });
  return (element) => observer.observe(element);
}

/** Disposes of a chart whose element is removed. */
export function drop(id) {
  const element = byId(id);
  drawn.delete(id);
  if (element) instanceOf(element)?.dispose();
}

/** Returns the page's colours. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ...{ text: get('text'), quiet: get('quiet'), line: get('line'), panel: get('panel'), track: get('track') },
    ...{ accent: get('accent'), good: get('good'), warn: get('warn'), bad: get('bad') },
    keys: Array.from({ length: 9 }, (_, i) => get(`c${i}`)),
  };
}

const loaded = { echarts: undefined };

function instanceOf(element) {
  return loaded.echarts?.getInstanceByDom(element);
}

async function redraw(id) {
  loaded.echarts ??= await library;
  const element = byId(id);
  if (!element?.clientWidth) return;
  const chart = instanceOf(element) ?? loaded.echarts.init(element, null, { renderer: 'canvas' });
  chart.setOption({ animation: false, ...drawn.get(id)(colours()) }, { notMerge: true });
  chart.resize();
}

/** Returns the axes, grid and tooltip of a chart over time. */
export function overTime({ text, quiet, line, panel }, unit) {
  const label = { color: quiet, fontSize: 11, hideOverlap: true };
  return {
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    grid: { left: 4, right: 12, top: 14, bottom: 2, containLabel: true },
    xAxis: {
      type: 'time',
      boundaryGap: ['2%', '2%'],
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      axisLabel: { ...label, formatter: TIMES },
      splitNumber: 6,
    },
    yAxis: {
      type: 'value',
      axisLine: { show: false },
      axisTick: { show: false },
      min: 0,
      splitNumber: 4,
      axisLabel: { ...label, formatter: (value) => plain(value, 3) },
      splitLine: { lineStyle: { color: line } },
    },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      backgroundColor: panel,
      borderColor: line,
      textStyle: { color: text, fontSize: 12 },
      valueFormatter: (value) => (value === null || value === undefined ? '–' : `${plain(value)} ${unit}`),
    },
  };
}
