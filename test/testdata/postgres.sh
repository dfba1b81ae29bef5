# A database made anew, with processes that share memory, its clients, and a
# crash to recover from. It is nothing that root may run.
if [ "$(id -u)" = 0 ]; then
	chown postgres .
	runuser -u postgres -- sh "$0" "$@"
	status=$?
	chown root .
	exit $status
fi
bin=$1
export PGHOST="$PWD" PGUSER=postgres PGDATABASE=postgres
$bin/initdb -D data -U postgres -A trust --no-sync >log || exit
cat >>data/postgresql.conf <<END
listen_addresses = ''
unix_socket_directories = '$PWD'
fsync = off
shared_buffers = 16MB
min_parallel_table_scan_size = 0
parallel_setup_cost = 0
END
serve() {
	$bin/postgres -D data >>log 2>&1 &
	server=$!
	until $bin/pg_isready -q; do sleep 0.1; done
}
sql() { $bin/psql -X -Atc "$1"; }
serve
$bin/pgbench -i -q >>log 2>&1
echo "made $?"
$bin/pgbench -n -c 4 -j 2 -t 10 >>log 2>&1
echo "loaded $?"
kill -QUIT $server # no time to write its memory to the disk
wait $server
serve
sql 'select count(*), sum(delta) = (select sum(tbalance) from pgbench_tellers) from pgbench_history'
sql 'select count(*) from pgbench_accounts where aid % 7 = 3'
kill -INT $server
wait $server
echo "server $?"
grep -c 'automatic recovery in progress' log
rm -r data log
