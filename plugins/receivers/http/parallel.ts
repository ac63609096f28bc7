/**
 * Does `work` for each item of each list, up to `limit` items at a time, and resolves when all of it is done; work that
 * is done at once returns no promise. After a failure no more items are taken, and the failure is thrown once what is
 * under way has ended.
 */
export async function inParallel<T>(
  lists: Iterable<Iterable<T>> | AsyncIterable<Iterable<T>>,
  limit: number,
  work: (item: T) => Promise<void> | undefined,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const failed = (error: unknown) => {
    failure ??= { error };
  };
  const begin = (item: T) => {
    try {
      return work(item);
    } catch (error) {
      failed(error);
    }
    return undefined;
  };
  try {
    taking: for await (const items of lists) {
      for (const item of items) {
        const pending = begin(item);
        if (pending) {
          const task = pending.catch(failed).finally(() => underWay.delete(task));
          underWay.add(task);
          if (underWay.size >= limit) await Promise.race(underWay);
        }
        if (failure) break taking;
      }
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure) throw failure.error;
}
