// An HTTP server in a cluster's workers, with its clients, and what node does
// in other threads: compression, key derivation, files, workers.
'use strict';
const cluster = require('cluster');
const crypto = require('crypto');
const fs = require('fs/promises');
const http = require('http');
const zlib = require('zlib');
const { promisify } = require('util');
const { Worker } = require('worker_threads');

const text = 'what is served '.repeat(500);

function serve() {
	// Connections stay open however long the machine is busy with other things.
	http.createServer({ keepAliveTimeout: 0 }, (request, response) => {
		const chunks = [];
		request.on('data', (c) => chunks.push(c));
		request.on('end', () => {
			const body = Buffer.concat(chunks);
			response.setHeader('digest', crypto.createHash('sha256').update(body).digest('hex'));
			zlib.gzip(text + body, (err, packed) => response.end(packed));
		});
	}).listen(0, '127.0.0.1', function () { process.send(this.address().port); });
}

function post(port, agent, body) {
	return new Promise((resolve, reject) => {
		const request = http.request({ port, agent, host: '127.0.0.1', method: 'POST' }, (response) => {
			const chunks = [];
			response.on('data', (c) => chunks.push(c));
			response.on('end', () => {
				const right = response.headers.digest === crypto.createHash('sha256').update(body).digest('hex');
				resolve(right && zlib.gunzipSync(Buffer.concat(chunks)).length === text.length + body.length);
			});
		});
		request.on('error', reject);
		request.end(body);
	});
}

function countPrimes(limit) {
	const code = `let n = 0;
		next: for (let i = 2; i < ${limit}; i++) {
			for (let d = 2; d * d <= i; d++) if (i % d === 0) continue next;
			n++;
		}
		require('worker_threads').parentPort.postMessage(n);`;
	return new Promise((resolve, reject) => {
		new Worker(code, { eval: true }).on('message', resolve).on('error', reject);
	});
}

async function main() {
	const workers = [cluster.fork(), cluster.fork()];
	const ports = await Promise.all(workers.map((w) => new Promise((resolve) => w.on('message', resolve))));
	const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
	const load = [];
	for (let i = 0; i < 100; i++)
		load.push(post(ports[i % 2], agent, 'x'.repeat(i * 37)));
	console.log('served', (await Promise.all(load)).filter(Boolean).length);
	agent.destroy();

	const scrypt = promisify(crypto.scrypt);
	const keys = await Promise.all(['a', 'b', 'c', 'd'].map((p) => scrypt(p, 'salt', 16, { N: 1024 })));
	console.log('keys', keys.map((k) => k.toString('hex')).join(' '));
	console.log('primes', await Promise.all([10000, 20000].map(countPrimes)));
	await Promise.all([1, 2, 3, 4].map((i) => fs.writeFile(`file${i}`, text.slice(0, i))));
	console.log('files', (await Promise.all((await fs.readdir('.')).map((f) => fs.readFile(f)))).map((p) => p.length).sort());

	const ended = workers.map((w) => new Promise((resolve) => w.on('exit', (code, signal) => resolve(signal))));
	workers.forEach((w) => w.kill());
	console.log('ended', await Promise.all(ended));
}

if (cluster.isPrimary) main(); else serve();
