# Real work with many imports; prints the same in every run.
import argparse, ast, base64, bisect, calendar, collections, configparser, csv, datetime, decimal, difflib
import email.message, fractions, functools, hashlib, heapq, html, io, itertools, json, logging, math, operator
import os, pathlib, pickle, pprint, random, re, shlex, statistics, string, struct, sys, tempfile, textwrap
import tokenize, traceback, typing, unicodedata, urllib.parse, uuid, xml.etree.ElementTree as et, zlib

source = pathlib.Path(sys.argv[1])

count = collections.Counter(re.findall(r"[a-z]+", (source / "small.txt").read_text()))
print(count.most_common(5))

rows = list(csv.reader((source / "numbers.csv").open()))
keys = collections.defaultdict(list)
for _, key, number, value in rows[:5000]:
    keys[key].append(float(value))
print(len(keys), "%.6f" % statistics.fmean(statistics.fmean(v) for v in keys.values()))

random.seed(7)
numbers = [random.random() for _ in range(20000)]
heapq.heapify(numbers)
print(hashlib.sha256(struct.pack("20000d", *sorted(numbers))).hexdigest())

print(decimal.Decimal(2).sqrt(decimal.Context(60)), fractions.Fraction(355, 113) + fractions.Fraction(1, 7))
tree = ast.parse((pathlib.Path(__file__)).read_text())
print(sum(isinstance(n, ast.Call) for n in ast.walk(tree)))

packed = zlib.compress(pickle.dumps(sorted(count.items())), 9)
print(len(pickle.loads(zlib.decompress(packed))))
print(json.dumps({"a": [1, 2.5, None, "\u00e9"], "b": {"c": True}}, sort_keys=True))
root = et.fromstring("<a><b x='1'/><b x='2'>t</b></a>")
print([b.get("x") for b in root.iter("b")], html.escape("<&>"), urllib.parse.quote("a b/c"))

primes = [n for n in range(2, 3000) if all(n % d for d in range(2, math.isqrt(n) + 1))]
print(len(primes), functools.reduce(operator.xor, primes))
print(calendar.month(2024, 2).splitlines()[0], datetime.date(2024, 2, 29).isoformat())
with tempfile.TemporaryFile() as f:
    f.write(b"x" * 70000)
    print(f.tell())
try:
    {}["missing"]
except KeyError:
    print(traceback.format_exc().splitlines()[-1])
print("to stderr", file=sys.stderr)
sys.exit(len(primes) % 256)
