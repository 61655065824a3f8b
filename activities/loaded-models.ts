interface Disposable {
  dispose(): void | Promise<void>;
}

/** What this process holds for the next node, newest used last: surrogates, the space of the training latents, the data. */
export class LoadedModels {
  private readonly models = new Map<string, Disposable>();

  constructor(private readonly limit = 8) {}

  async get<T extends Disposable>(key: string, load: () => Promise<T>): Promise<T> {
    const held = this.models.get(key) as T | undefined;
    const model = held ?? (await load());
    this.models.delete(key);
    this.models.set(key, model);
    for (const [oldest, old] of this.models) {
      if (this.models.size <= this.limit) break;
      this.models.delete(oldest);
      await old.dispose();
    }
    return model;
  }
}
