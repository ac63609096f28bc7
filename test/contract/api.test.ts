import type { MetricProducer, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Logger } from 'pino';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as otlp from 'wattline/otlp';
import * as plugin from 'wattline/plugin';
import * as testing from 'wattline/testing';

describe('the public API', () => {
  it('of wattline/plugin has these names; one that goes or changes breaks the plugins of others', () => {
    expect(Object.keys(plugin).sort()).toMatchInlineSnapshot(`
      [
        "Attribute",
        "CONTRACT",
        "HttpClient",
        "JOULES_PER_KWH",
        "RejectedError",
        "Run",
        "SECONDS_PER_HOUR",
        "Series",
        "ServiceError",
        "addSeconds",
        "allTaken",
        "applyFactor",
        "attributesKey",
        "clientSettings",
        "clouds",
        "constantFactor",
        "cpuUsage",
        "createFactorSeries",
        "createProvider",
        "createValuation",
        "datasetSetting",
        "datasets",
        "deferAll",
        "definePlugin",
        "describeRun",
        "duration",
        "eachFigure",
        "eachSegment",
        "effectiveFactor",
        "embodiedEmissions",
        "endpoint",
        "energyFactors",
        "errorOf",
        "extentOf",
        "factorAttributes",
        "factorLine",
        "factorSettings",
        "fallbackRegion",
        "figure",
        "figureLabels",
        "figuresOf",
        "filledCpu",
        "filledPower",
        "findFigure",
        "findFiles",
        "findRegion",
        "fromExporter",
        "fromProducer",
        "handOver",
        "hostPower",
        "instant",
        "integralLine",
        "integrate",
        "isAllTaken",
        "isSignal",
        "joinOutcomes",
        "labelledFigures",
        "labelsFrom",
        "listenOptions",
        "loadSqlite",
        "meanOf",
        "measure",
        "memoryStates",
        "messageOf",
        "metricName",
        "numberOf",
        "observeFactorRecords",
        "observeFactors",
        "outcomeFor",
        "overlay",
        "partLine",
        "pattern",
        "plainName",
        "pushSettings",
        "queueOptions",
        "readResults",
        "reference",
        "refuseAll",
        "regionIsKnown",
        "regionNames",
        "regionOf",
        "regionSettings",
        "remedyForStatus",
        "requestHeaders",
        "resolveRegion",
        "runLabelsOf",
        "samplesOf",
        "scenarioOf",
        "secondsBetween",
        "secret",
        "seriesOf",
        "serverSettings",
        "serverUrl",
        "serviceMetrics",
        "serviceSettings",
        "sharedStates",
        "signalName",
        "softwareCarbonIntensity",
        "streamsOf",
        "toHrTime",
        "toSeconds",
        "transform",
        "transformList",
        "valueRuns",
        "weigh",
        "workOf",
        "z",
      ]
    `);
  });

  it('of wattline/otlp likewise', () => {
    expect(Object.keys(otlp).sort()).toEqual(['OtlpError', 'jsonEncoding', 'loadEncoder', 'protobufEncoding']);
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
    expectTypeOf<plugin.Kind>().toEqualTypeOf<'receiver' | 'processor' | 'exporter' | 'provider' | 'extension'>();
    expectTypeOf<plugin.Consumer['consume']>().toEqualTypeOf<
      (runs: readonly plugin.Run[], signal: AbortSignal) => Promise<plugin.Outcome>
    >();
    expectTypeOf<plugin.QueuedExporter['send']>().toEqualTypeOf<plugin.Consumer['consume']>();
    expectTypeOf<plugin.Outcome>().toEqualTypeOf<{
      readonly refused: readonly plugin.Refusal[];
      readonly deferred: readonly plugin.Run[];
      readonly cause?: Error | undefined;
    }>();
    expectTypeOf<plugin.Processor>().toExtend<plugin.Consumer & plugin.Lifecycle>();
    expectTypeOf<plugin.SourceContext>().toExtend<plugin.Context>();
    expectTypeOf<plugin.Context>().toHaveProperty('id').toEqualTypeOf<string>();
    expectTypeOf<plugin.Context>().toHaveProperty('logger').toEqualTypeOf<Logger>();
    expectTypeOf<plugin.Context>().toHaveProperty('telemetry').toEqualTypeOf<MetricProducer>();
    expectTypeOf<plugin.Context['resolvePath']>().toEqualTypeOf<(path: string) => string>();
    expectTypeOf<plugin.Context['skip']>().toEqualTypeOf<(skipped: plugin.Skipped) => void>();
    expectTypeOf<plugin.SourceContext>().toHaveProperty('next').toEqualTypeOf<plugin.Consumer>();
    expectTypeOf<plugin.Skipped>().toEqualTypeOf<{
      readonly item: string;
      readonly reason: string;
      readonly message: string;
    }>();
    expectTypeOf<plugin.Plugin<'processor', object>['create']>().parameters.toEqualTypeOf<
      [plugin.SourceContext, object]
    >();
    expectTypeOf<plugin.Plugin<'exporter', object>['create']>().returns.toEqualTypeOf<plugin.Exporter>();
    expectTypeOf<plugin.Provider['factors']>().returns.toEqualTypeOf<Promise<readonly plugin.FactorPeriod[]>>();
    expectTypeOf(testing.breachesOf).toEqualTypeOf<(plugin: plugin.AnyPlugin, folder: string) => Promise<string[]>>();
  });
});
