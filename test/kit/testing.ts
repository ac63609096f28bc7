/** `wattline/testing`: what tests of plugins need, for any test runner. */
export {
  createTestContext,
  deepFreeze,
  figureLabels,
  figures,
  type TestContext,
  type TestContextOptions,
} from './context.ts';
export { breachesOf, contract, type Rule, type Subject } from './contract.ts';
export { MemorySink } from './memory-sink.ts';
export { memoryStorage } from './memory-storage.ts';
