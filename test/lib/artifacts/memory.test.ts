import { MemoryStore } from '../../../lib/artifacts/memory.js';
import { conformsToObjectStore } from './conformance.js';

conformsToObjectStore('memory', async () => ({ store: new MemoryStore() }));
