# A server with four threads, and six clients that check what they get.
memcached -u root -s "$PWD/socket" -t 4 &
server=$!
until [ -S socket ]; do sleep 0.05; done
python3 - <<'PY'
import socket, threading

def work(k):
    s = socket.socket(socket.AF_UNIX)
    s.connect("socket")
    f = s.makefile("rwb")
    for i in range(150):
        v = b"x" * (i * 7 % 900)
        f.write(b"set k%d_%d 0 0 %d\r\n%s\r\nget k%d_%d\r\n" % (k, i, len(v), v, k, i))
        f.flush()
        assert f.readline() == b"STORED\r\n"
        f.readline()
        assert f.readline()[:-2] == v
        assert f.readline() == b"END\r\n"

threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
for t in threads: t.start()
for t in threads: t.join()
print("clients done")
PY
kill -TERM $server
wait $server
echo "server $?"
rm -f socket
