import { readFileSync } from 'node:fs';
import type { MetricProducer, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Logger } from 'pino';
import { globSync } from 'tinyglobby';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as figures from 'wattline/figures';
import * as http from 'wattline/http';
import * as otlp from 'wattline/otlp';
import * as plugin from 'wattline/plugin';
import * as prometheus from 'wattline/prometheus';
import * as provider from 'wattline/provider';
import * as receiving from 'wattline/receiving';
import * as results from 'wattline/results';
import * as testing from 'wattline/testing';
import type { FactorPeriod } from '../../src/model/factor.ts';
import type { AnyPlugin, Consumer, Exporter, Kind, Lifecycle, Provider } from '../../src/plugin/contract.ts';
import { projectRoot } from '../kit/checkout.ts';

/** Nobody uses these here: what makes stages of an SDK's own classes, and the type of what `definePlugin` returns. */
const UNUSED = ['Plugin', 'fromExporter', 'fromProducer'];

describe('the public API', () => {
  it('of wattline/plugin has these names; one that goes or changes breaks the plugins of others', () => {
    expect(Object.keys(plugin).sort()).toMatchInlineSnapshot(`
      [
        "Attribute",
        "Pace",
        "RejectedError",
        "Run",
        "Series",
        "addSeconds",
        "allTaken",
        "attributesKey",
        "constantFactor",
        "cpuUsage",
        "deferAll",
        "definePlugin",
        "describeRun",
        "duration",
        "emitsOf",
        "endpoint",
        "errorOf",
        "factorAttributes",
        "figure",
        "filledCpu",
        "filledPower",
        "findFiles",
        "foreignKeys",
        "fromExporter",
        "fromProducer",
        "handOver",
        "hostOfAddress",
        "hostPower",
        "ignored",
        "isAllTaken",
        "isLoopback",
        "isPartOfRun",
        "isRun",
        "isSignal",
        "joinOutcomes",
        "loadSqlite",
        "messageOf",
        "numberOf",
        "outcomeFor",
        "pattern",
        "pushSettings",
        "queueOptions",
        "reference",
        "refuseAll",
        "refused",
        "refusedKeys",
        "restOf",
        "samplesOf",
        "scenarioOf",
        "secondsBetween",
        "secret",
        "section",
        "serverUrl",
        "sharedStates",
        "toHrTime",
        "toSeconds",
        "transform",
        "unitsOf",
        "withTimesOfSamples",
        "z",
      ]
    `);
  });

  it('of wattline/plugin has no name that neither a bundled plugin nor a scaffold uses', () => {
    const index = readFileSync(`${projectRoot}/src/plugin/index.ts`, 'utf8');
    const exported = namesIn(index, /export (?:type )?\{([^}]*)\}/g);
    const files = globSync(['plugins/**/*.ts', 'src/scaffold/**/*.template'], {
      cwd: projectRoot,
      ignore: '**/*.test.ts',
    });
    const text = files.map((file) => readFileSync(`${projectRoot}/${file}`, 'utf8')).join('\n');
    const used = new Set(namesIn(text, /import (?:type )?\{([^}]*)\} from 'wattline\/plugin'/g));
    expect(exported.length).toBeLessThan(95);
    expect(exported.filter((name) => !used.has(name)).sort()).toEqual(UNUSED);
  });

  it.each([
    ['figures', figures],
    ['http', http],
    ['otlp', otlp],
    ['prometheus', prometheus],
    ['provider', provider],
    ['receiving', receiving],
    ['results', results],
  ])('of wattline/%s likewise', (_, entry) => {
    expect(Object.keys(entry).sort()).toMatchSnapshot();
  });

  it('of wattline/testing has these names', () => {
    expect(Object.keys(testing).sort()).toMatchInlineSnapshot(`
      [
        "MemorySink",
        "breachesOf",
        "contract",
        "createTestContext",
        "deepFreeze",
        "figureLabels",
        "figures",
        "memoryStorage",
      ]
    `);
  });

  it('has these types', () => {
    expectTypeOf<plugin.Run>().toExtend<Readonly<ResourceMetrics>>();
    expectTypeOf<Kind>().toEqualTypeOf<'receiver' | 'processor' | 'exporter' | 'provider' | 'extension'>();
    expectTypeOf<Consumer['consume']>().toEqualTypeOf<
      (runs: readonly plugin.Run[], signal: AbortSignal) => Promise<plugin.Outcome>
    >();
    expectTypeOf<Consumer['consume']>().toExtend<plugin.QueuedExporter['send']>();
    expectTypeOf<plugin.QueuedExporter['send']>().returns.resolves.toExtend<plugin.Outcome>();
    expectTypeOf<plugin.Outcome>().toEqualTypeOf<{
      readonly refused: readonly plugin.Refusal[];
      readonly deferred: readonly plugin.Run[];
      readonly cause?: Error | undefined;
    }>();
    expectTypeOf<plugin.Processor>().toExtend<Consumer & Lifecycle>();
    expectTypeOf<plugin.SourceContext>().toExtend<plugin.Context>();
    expectTypeOf<plugin.Context>().toHaveProperty('id').toEqualTypeOf<string>();
    expectTypeOf<plugin.Context>().toHaveProperty('logger').toEqualTypeOf<Logger>();
    expectTypeOf<plugin.Context>().toHaveProperty('telemetry').toEqualTypeOf<MetricProducer>();
    expectTypeOf<plugin.Context['resolvePath']>().toEqualTypeOf<(path: string) => string>();
    expectTypeOf<plugin.Context['skip']>().toEqualTypeOf<(skipped: plugin.Skipped) => void>();
    expectTypeOf<plugin.SourceContext>().toHaveProperty('next').toEqualTypeOf<Consumer>();
    expectTypeOf<plugin.Skipped>().toEqualTypeOf<{
      readonly item: string;
      readonly reason: string;
      readonly message: string;
    }>();
    expectTypeOf<plugin.Plugin<'processor', object>['create']>().parameters.toEqualTypeOf<
      [plugin.SourceContext, object]
    >();
    expectTypeOf<plugin.Plugin<'exporter', object>['create']>().returns.toEqualTypeOf<Exporter>();
    expectTypeOf<Provider['factors']>().returns.toEqualTypeOf<Promise<readonly FactorPeriod[]>>();
    expectTypeOf(testing.breachesOf).toEqualTypeOf<(plugin: AnyPlugin, folder: string) => Promise<string[]>>();
  });

  it('of the other entries has these types', () => {
    expectTypeOf(figures.applyFactor).toEqualTypeOf<
      (amount: number, divisor: number, pue: number, factor: number) => number
    >();
    expectTypeOf(figures.findFigure).returns.toEqualTypeOf<figures.LabelledFigure | undefined>();
    expectTypeOf(figures.figuresOf).parameters.toEqualTypeOf<[plugin.Run]>();
    expectTypeOf<figures.FactorLookup>().returns.resolves.toBeFunction();
    expectTypeOf(figures.knownFigures.energy).toExtend<plugin.FigureDefinition>();
    expectTypeOf(new http.HttpClient({} as plugin.Context, '', undefined).fetch).toEqualTypeOf<http.Fetch>();
    expectTypeOf(http.requestHeaders).returns.toEqualTypeOf<Headers>();
    expectTypeOf(otlp.loadEncoder).returns.resolves.toEqualTypeOf<otlp.EncodeRequest>();
    expectTypeOf(otlp.protobufEncoding).returns.toEqualTypeOf<otlp.OtlpEncoding>();
    expectTypeOf(otlp.jsonEncoding.decodeRequest).returns.toEqualTypeOf<otlp.ReadResource[]>();
    expectTypeOf(provider.createProvider).returns.toExtend<Provider>();
    expectTypeOf(results.parseRun).returns.toEqualTypeOf<results.ParsedRun>();
    expectTypeOf<results.ParsedRun['run']>().toEqualTypeOf<plugin.Run | undefined>();
  });
});

/** The names in lists such as `{ a, type B }`, in order. */
function namesIn(text: string, lists: RegExp): string[] {
  const names = [...text.matchAll(lists)].flatMap(([, list]) => (list as string).split(','));
  return names.map((name) => name.trim().replace(/^type /, '')).filter((name) => name !== '');
}
