# A server with threads, its clients, and the children that save.
redis-server --port 0 --unixsocket "$PWD/socket" --save '' --appendonly yes --io-threads 2 >log &
server=$!
c="redis-cli -s $PWD/socket"
until $c ping 2>/dev/null | grep -q PONG; do sleep 0.05; done
redis-benchmark -s "$PWD/socket" -q -n 2000 -c 10 -t set,get,lpush,zadd >bench
echo "bench $?"
$c set a 1
$c incr a
$c bgsave
$c eval 'return redis.call("get","a")' 0
until [ -s dump.rdb ]; do sleep 0.05; done
$c dbsize
$c shutdown
wait $server
echo "server $?"
rm -r bench log dump.rdb appendonlydir
