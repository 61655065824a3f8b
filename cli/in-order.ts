/**
 * Does `work` on items, up to `ahead` of them at once, and gives the results in the order of the items; no more than that
 * is in memory. An abort ends it at once with the signal's reason.
 */
export async function* inOrder<I, O>(
  items: AsyncIterable<I>,
  work: (item: I) => Promise<O>,
  ahead: number,
  signal: AbortSignal,
): AsyncGenerator<{ item: I; result: O }> {
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  const iterator = items[Symbol.asyncIterator]();
  const pending: { item: I; result: Promise<O> }[] = [];
  let more = true;
  while (more || pending.length > 0) {
    signal.throwIfAborted();
    if (more && pending.length < ahead) {
      const next = await Promise.race([iterator.next(), stopped]);
      if (next.done) {
        more = false;
        continue;
      }
      const result = work(next.value);
      // Awaited in its turn: until then its failure is nobody's.
      result.catch(() => undefined);
      pending.push({ item: next.value, result });
      continue;
    }
    const first = pending.shift();
    if (first) yield { item: first.item, result: await Promise.race([first.result, stopped]) };
  }
}
