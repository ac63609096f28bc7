/** What OTLP v1 says of gauges, as protobufjs takes it. */
const field = (type, id, rule) => ({ type, id, ...(rule && { rule }) });
const list = (type, id) => field(type, id, 'repeated');

module.exports = {
  nested: {
    ExportMetricsServiceRequest: { fields: { resourceMetrics: list('ResourceMetrics', 1) } },
    ResourceMetrics: { fields: { resource: field('Resource', 1), scopeMetrics: list('ScopeMetrics', 2) } },
    Resource: { fields: { attributes: list('KeyValue', 1) } },
    ScopeMetrics: { fields: { scope: field('InstrumentationScope', 1), metrics: list('Metric', 2) } },
    InstrumentationScope: { fields: { name: field('string', 1), version: field('string', 2) } },
    Metric: {
      fields: {
        name: field('string', 1),
        description: field('string', 2),
        unit: field('string', 3),
        gauge: field('Gauge', 5),
      },
    },
    Gauge: { fields: { dataPoints: list('NumberDataPoint', 1) } },
    NumberDataPoint: {
      fields: {
        attributes: list('KeyValue', 7),
        startTimeUnixNano: field('fixed64', 2),
        timeUnixNano: field('fixed64', 3),
        asDouble: field('double', 4),
        asInt: field('sfixed64', 6),
        flags: field('uint32', 8),
      },
    },
    KeyValue: { fields: { key: field('string', 1), value: field('AnyValue', 2) } },
    AnyValue: { fields: { stringValue: field('string', 1), doubleValue: field('double', 4) } },
  },
};
