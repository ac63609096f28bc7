import { byId } from './elements.js';
import { plain } from './numbers.js';

const TIMES = {
  ...{ year: '{yyyy}', month: '{MMM} {yyyy}', day: '{MMM} {d}' },
  ...{ hour: '{HH}:{mm}', minute: '{HH}:{mm}', second: '{HH}:{mm}:{ss}', millisecond: '{HH}:{mm}:{ss}' },
};
const COLOURS = ['text', 'quiet', 'line', 'panel', 'track', 'good', 'warn', 'bad'];

/** What is drawn, by the id of its element. */
const drawn = new Map();
/** Undefined until the first chart is drawn, since it is large. */
let echarts;

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) echarts.getInstanceByDom(target)?.resize();
});

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const id of drawn.keys()) redraw(id);
});

/** Draws a chart, whose options may depend on the colours, and draws it again when the colours or the size change. */
export async function draw(id, describe) {
  drawn.set(id, describe);
  echarts ??= await import('./echarts.js');
  if (drawn.get(id) === describe) redraw(id);
}

/** Disposes of a chart whose element is removed. */
export function drop(id) {
  drawn.delete(id);
  const element = byId(id);
  if (!element) return;
  sizes.unobserve(element);
  echarts?.getInstanceByDom(element)?.dispose();
}

function redraw(id) {
  const element = byId(id);
  if (!echarts || !element?.clientWidth) return;
  const chart = echarts.getInstanceByDom(element) ?? echarts.init(element, null, { renderer: 'canvas' });
  chart.setOption({ animation: false, ...drawn.get(id)(colours()) }, { notMerge: true });
  chart.resize();
  sizes.observe(element);
}

/** Returns the page's colours. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ...Object.fromEntries(COLOURS.map((name) => [name, get(name)])),
    keys: Array.from({ length: 9 }, (_, i) => get(`c${i}`)),
  };
}

/** Returns the tooltip of a chart. */
export function tooltip({ text, line, panel }, unit) {
  return {
    renderMode: 'richText',
    confine: true,
    backgroundColor: panel,
    borderColor: line,
    textStyle: { color: text, fontSize: 12 },
    valueFormatter: (value) => (value === null || value === undefined ? '–' : `${plain(value)} ${unit}`),
  };
}

/** Returns the axes, grid and tooltip of a chart over time. */
export function overTime(colours, unit) {
  const { quiet, line } = colours;
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
    tooltip: { trigger: 'axis', ...tooltip(colours, unit) },
  };
}
