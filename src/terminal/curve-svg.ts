import { type CurvePlot, type PlotRange, rangeOfPlot } from './curve-plot.ts';
import { ticksOf } from './ticks.ts';

const WIDTH = 720;
const PANEL = 360;
/** The room around the axes, in pixels. */
const [LEFT, RIGHT, TOP, BOTTOM] = [72, 24, 56, 52];

const STYLE = `text { font: 13px system-ui, sans-serif; fill: #1f2933 }
.title { font-size: 15px; font-weight: 600 }
.tick { fill: #52606d; font-size: 12px }
.grid { stroke: #e4e7eb }
.axis { stroke: #7b8794 }
.band { fill: #2680c2; fill-opacity: 0.18 }
.curve { fill: none; stroke: #2680c2; stroke-width: 2 }
.run { fill: #ba2525; fill-opacity: 0.75; stroke: #ffffff; stroke-width: 0.75 }`;

const LEGEND = [
  '<circle class="run" cx="428" cy="38" r="4"/><text class="tick" x="438" y="42">in the files</text>',
  '<line class="curve" x1="530" x2="550" y1="38" y2="38"/><text class="tick" x="557" y="42">predicted</text>',
  '<rect class="band" x="632" y="32" width="16" height="12"/><text class="tick" x="654" y="42">interval</text>',
];

/** Returns plots as one SVG, one below the other: axes with units, the band, the curve and what was measured. */
export function plotsToSvg(plots: readonly CurvePlot[]): string {
  const height = PANEL * plots.length;
  const panels = plots.map((plot, i) => `<g transform="translate(0 ${i * PANEL})">\n${panelOf(plot)}\n</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">
<style>${STYLE}</style>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
${panels.join('\n')}
</svg>
`;
}

function panelOf(plot: CurvePlot): string {
  const range = rangeOfPlot(plot);
  const { x, y } = scalesOf(range);
  const bounded = plot.curve.filter(({ lower, upper }) => lower !== undefined && upper !== undefined);
  const upper = bounded.map((one) => `${x(one.x)},${y(one.upper as number)}`);
  const lower = bounded.map((one) => `${x(one.x)},${y(one.lower as number)}`).reverse();
  return [
    `<text class="title" x="${LEFT}" y="22">${escaped(plot.title)}</text>`,
    `<text class="tick" x="${LEFT}" y="42">${escaped(plot.yLabel)}</text>`,
    ...LEGEND,
    ...axesOf(range, plot),
    ...(bounded.length > 1 ? [`<polygon class="band" points="${[...upper, ...lower].join(' ')}"/>`] : []),
    `<polyline class="curve" points="${plot.curve.map((one) => `${x(one.x)},${y(one.y)}`).join(' ')}"/>`,
    ...plot.points.map((one) => `<circle class="run" cx="${x(one.x)}" cy="${y(one.y)}" r="4"/>`),
  ].join('\n');
}

function axesOf(range: PlotRange, { xLabel }: CurvePlot): string[] {
  const { x, y } = scalesOf(range);
  const [bottom, right] = [PANEL - BOTTOM, WIDTH - RIGHT];
  const horizontal = ticksOf(0, range.top, 5).flatMap((tick) => [
    `<line class="grid" x1="${LEFT}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}"/>`,
    `<text class="tick" x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
  ]);
  const vertical = ticksOf(range.from, range.to, 8).flatMap((tick) => [
    `<line class="axis" x1="${x(tick)}" x2="${x(tick)}" y1="${bottom}" y2="${bottom + 5}"/>`,
    `<text class="tick" x="${x(tick)}" y="${bottom + 20}" text-anchor="middle">${tick}</text>`,
  ]);
  return [
    ...horizontal,
    ...vertical,
    `<line class="axis" x1="${LEFT}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`,
    `<text x="${(LEFT + right) / 2}" y="${bottom + 40}" text-anchor="middle">${escaped(xLabel)}</text>`,
  ];
}

/** Where numbers are in a panel, in pixels with two decimals. */
function scalesOf({ from, to, top }: PlotRange) {
  const rounded = (value: number) => Number(value.toFixed(2));
  return {
    x: (value: number) => rounded(LEFT + ((value - from) / (to - from)) * (WIDTH - LEFT - RIGHT)),
    y: (value: number) => rounded(PANEL - BOTTOM - (value / top) * (PANEL - TOP - BOTTOM)),
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
