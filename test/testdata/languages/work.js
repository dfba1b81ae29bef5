// What makes the compilers and the collector work.
'use strict';
const shapes = [];
for (let i = 0; i < 50000; i++)
	shapes.push(i % 3 ? { kind: 'round', r: i % 100 } : { kind: 'square', side: i % 50, name: `s${i}` });
const area = (s) => (s.kind === 'round' ? 3 * s.r * s.r : s.side * s.side);
for (let round = 0; round < 5; round++)
	console.log(shapes.reduce((sum, s) => sum + area(s), round));
const count = new Map();
for (let i = 0; i < 200000; i++)
	count.set(`k${(i * 7919) % 1009}`, (count.get(`k${(i * 7919) % 1009}`) || 0) + i);
console.log(count.size, [...count].sort().slice(0, 2).join(' '));
console.log((3n ** 500n % 1000007n).toString(), JSON.stringify(JSON.parse('{"a":[1,{"b":null}]}')));
console.log('a1b22c333'.replace(/\d+/g, (d) => `<${d.length}>`), [3, 1, 2].toSorted());
function* fibonacci() { for (let [a, b] = [0, 1]; ; [a, b] = [b, a + b]) yield a; }
for (const f of fibonacci()) if (f > 1e9) { console.log(f); break; }
const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3,
	97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
const { add } = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
let sum = 0;
for (let i = 0; i < 100000; i++) sum = add(sum, i);
console.log(sum);
const floats = new Float64Array(100000).map((_, i) => Math.sin(i));
console.log(floats.sort()[50000].toFixed(12));
