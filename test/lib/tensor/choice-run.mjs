// Chooses a backend in its own process, as users' environments say, and computes a product with it.
const from = (file) => import(new URL(`../../../dist/lib/tensor/${file}`, import.meta.url).href);
const [{ initBackend }, { tf }] = await Promise.all(['backend.js', 'tf.js'].map(from));
const info = await initBackend();
const product = [...tf.matMul(tf.ones([2, 3]), tf.ones([3, 1])).dataSync()];
console.log(JSON.stringify({ ...info, product }));
