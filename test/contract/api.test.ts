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
        "FigureGauge",
        "HttpClient",
        "JOULES_PER_KWH",
        "RejectedError",
        "SECONDS_PER_HOUR",
        "SampledGauge",
        "Series",
        "ServiceError",
        "attributesKey",
        "clientSettings",
        "clouds",
        "computeCost",
        "constantFactor",
        "countPoints",
        "cpuUsage",
        "createFactorSeries",
        "createProvider",
        "createValuation",
        "datasetSetting",
        "datasets",
        "definePlugin",
        "describeRun",
        "duration",
        "eachFigure",
        "eachSegment",
        "effectiveFactor",
        "embodiedEmissions",
        "endpoint",
        "energyCost",
        "energyFactors",
        "extendRun",
        "extentOf",
        "factorAttributes",
        "factorLine",
        "factorSettings",
        "factorsOf",
        "factsOf",
        "fallbackRegion",
        "figureGauge",
        "figuresOf",
        "filledCpu",
        "filledPower",
        "findFigure",
        "findFiles",
        "findRegion",
        "findSignal",
        "fromExporter",
        "fromProducer",
        "hostPower",
        "instant",
        "integralLine",
        "integrate",
        "isSignal",
        "labelsFrom",
        "labelsOf",
        "listenOptions",
        "loadSqlite",
        "makeRun",
        "meanOf",
        "measure",
        "memoryStates",
        "messageOf",
        "metricName",
        "metricsOf",
        "numberOf",
        "observeFactorRecords",
        "observeFactors",
        "operationalEmissions",
        "overlay",
        "partLine",
        "pattern",
        "plainName",
        "pointCount",
        "pushSettings",
        "queueOptions",
        "readResults",
        "reference",
        "regionIsKnown",
        "regionNames",
        "regionOf",
        "regionSettings",
        "remedyForStatus",
        "requestHeaders",
        "resolveRegion",
        "runDuration",
        "runLabelsOf",
        "runWindow",
        "scenarioOf",
        "secondsBetween",
        "secret",
        "seriesOf",
        "serverSettings",
        "serverUrl",
        "serviceMetrics",
        "serviceSettings",
        "sharedStates",
        "signalGauge",
        "softwareCarbonIntensity",
        "streamsOf",
        "toHrTime",
        "toSeconds",
        "transform",
        "valueBy",
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
    expectTypeOf<plugin.Batch>().toEqualTypeOf<Readonly<ResourceMetrics>>();
    expectTypeOf<plugin.Kind>().toEqualTypeOf<'receiver' | 'processor' | 'exporter' | 'provider' | 'extension'>();
    expectTypeOf<plugin.Consumer['consume']>().toEqualTypeOf<
      (batch: plugin.Batch, signal: AbortSignal) => plugin.Consumed
    >();
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
