# A database made anew, its server with many threads, and three clients at once.
mkdir data
mariadb-install-db --no-defaults --user=root --datadir="$PWD/data" --auth-root-authentication-method=normal --skip-test-db >log 2>&1
echo "install $?"
mariadbd --no-defaults --user=root --datadir="$PWD/data" --socket="$PWD/socket" --skip-networking 2>log &
server=$!
sql() { mariadb --no-defaults -uroot -S "$PWD/socket" -e "$1"; }
until sql 'select 1' >/dev/null 2>&1; do sleep 0.05; done
work() { # DATABASE
	sql "create database $1; use $1; create table t (a int primary key, b varchar(40)) engine=innodb;
		insert into t select seq, md5(seq) from seq_1_to_500;
		update t set b = concat(b, 'x') where a % 7 = 0; delete from t where a % 5 = 0;
		select count(*), sum(length(b)), max(b) from t" >$1.out
}
work a & first=$!
work b & second=$!
work c & third=$!
wait $first $second $third
cat a.out b.out c.out
mariadb-admin --no-defaults -uroot -S "$PWD/socket" shutdown
wait $server
echo "server $?"
rm -r ./*
