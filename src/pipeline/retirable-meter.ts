import type { Meter, Observable } from '@opentelemetry/api';

/**
 * The same meter; for each callback that is added through it, what takes it back is added to the list. What a callback
 * has observed is then not told any more, and what was counted stays.
 */
export function retirableMeter(meter: Meter, removals: (() => void)[]): Meter {
  const tracked = <T extends Observable>(instrument: T): T => {
    const add = instrument.addCallback.bind(instrument);
    instrument.addCallback = (callback) => {
      add(callback);
      removals.push(() => instrument.removeCallback(callback));
    };
    return instrument;
  };
  return {
    createGauge: (name, options) => meter.createGauge(name, options),
    createHistogram: (name, options) => meter.createHistogram(name, options),
    createCounter: (name, options) => meter.createCounter(name, options),
    createUpDownCounter: (name, options) => meter.createUpDownCounter(name, options),
    createObservableGauge: (name, options) => tracked(meter.createObservableGauge(name, options)),
    createObservableCounter: (name, options) => tracked(meter.createObservableCounter(name, options)),
    createObservableUpDownCounter: (name, options) => tracked(meter.createObservableUpDownCounter(name, options)),
    addBatchObservableCallback(callback, observables) {
      meter.addBatchObservableCallback(callback, observables);
      removals.push(() => meter.removeBatchObservableCallback(callback, observables));
    },
    removeBatchObservableCallback: (callback, observables) =>
      meter.removeBatchObservableCallback(callback, observables),
  };
}
