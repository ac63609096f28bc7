import { describe, expect, it } from 'vitest';
import { StageHealth } from '../pipeline/stage-health.ts';
import type { Processor } from '../plugin/contract.ts';
import type { Kind } from '../plugin/kind.ts';
import { allTaken } from '../plugin/outcome.ts';
import type { StageState } from '../plugin/status.ts';
import { serviceStatus } from './status.ts';

const upSince = new Date(1000);
const pipelines = [
  { id: 'metrics/a', receivers: ['in'], processors: ['step'], exporters: ['out'] },
  { id: 'metrics/b', receivers: ['in'], processors: ['step'], exporters: ['out', 'other'] },
];

/** The status of two pipelines of which all stages run, but for those named as `id` or `pipeline/id`. */
function statusOf(states: Readonly<Record<string, StageState>>, { isStopping = false, hasStarted = true } = {}) {
  const node = (kind: Kind, id: string, pipeline?: string) => {
    const health = new StageHealth();
    health.state = states[pipeline ? `${pipeline}/${id}` : id] ?? 'running';
    return { kind, id, pipeline, stage: {}, health };
  };
  const nodes = [
    node('extension', 'page'),
    node('exporter', 'out'),
    node('exporter', 'other'),
    ...pipelines.map(({ id }) => node('processor', 'step', id)),
    node('receiver', 'in'),
  ];
  return { nodes, ...serviceStatus({ nodes, pipelines, upSince: hasStarted ? upSince : undefined, isStopping }) };
}

describe('the status of a service', () => {
  const byPipeline = (status: ReturnType<typeof statusOf>) => [
    status.state,
    ...status.pipelines.map(({ state }) => state),
  ];

  it('is running where all stages run', () => {
    expect(byPipeline(statusOf({}))).toEqual(['running', 'running', 'running']);
  });

  it.each([
    ['an extension', 'page', ['starting', 'running', 'running']],
    ['a shared receiver', 'in', ['starting', 'starting', 'starting']],
    ['an exporter of one pipeline', 'other', ['starting', 'running', 'starting']],
    ['a processor of one pipeline', 'metrics/a/step', ['starting', 'starting', 'running']],
  ])('is starting, and so are the pipelines concerned, while %s starts or waits for it', (_, stage, expected) => {
    expect(byPipeline(statusOf({ [stage]: 'starting' }, { hasStarted: false }))).toEqual(expected);
    expect(byPipeline(statusOf({ [stage]: 'waiting' }, { hasStarted: false }))).toEqual(expected);
    // Once all have started, it is exchanged for another.
    expect(byPipeline(statusOf({ [stage]: 'starting' }))).toEqual(['running', 'running', 'running']);
  });

  it('is stopping from the first to the last stage that stops', () => {
    for (const states of [{}, { in: 'stopping' }, { in: 'stopped', page: 'stopping' }] as const) {
      expect(byPipeline(statusOf(states, { isStopping: true }))).toEqual(['stopping', 'stopping', 'stopping']);
    }
  });

  it('has what a processor says of its streams, and of what it does not read', () => {
    const [streams, unread] = [[], { metrics: [], more: 0, senders: [] }];
    const stage: Processor = { streams: () => streams, unread: () => unread, consume: async () => allTaken };
    const node = { kind: 'processor', id: 'live', pipeline: 'metrics/a', health: new StageHealth() } as const;
    const { stages } = serviceStatus({ nodes: [{ ...node, stage }], pipelines, upSince, isStopping: false });
    expect(stages[0]).toMatchObject({ streams, unread });
  });

  it('has every stage, with its last error', () => {
    const { nodes, stages, upSince: since } = statusOf({});
    expect(since).toBe(upSince);
    expect(stages.map(({ kind, id, pipeline, state }) => [kind, id, pipeline, state])).toEqual([
      ['extension', 'page', undefined, 'running'],
      ['exporter', 'out', undefined, 'running'],
      ['exporter', 'other', undefined, 'running'],
      ['processor', 'step', 'metrics/a', 'running'],
      ['processor', 'step', 'metrics/b', 'running'],
      ['receiver', 'in', undefined, 'running'],
    ]);
    nodes[1]?.health.failed(new Error('the server is away'));
    const { lastError } = serviceStatus({ nodes, pipelines, upSince, isStopping: false }).stages[1] ?? {};
    expect(lastError).toMatchObject({ message: 'the server is away', time: expect.any(Date) });
  });
});
