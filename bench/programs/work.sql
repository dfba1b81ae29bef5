create table t (id integer primary key, k text, n integer);
with recursive c (i) as (select 1 union all select i + 1 from c where i < 300000)
insert into t select i, 'k' || (i * 7919 % 1009), i * 31 % 10007 from c;
create index tk on t (k);
select k, count(*), sum(n) from t group by k order by 3 desc limit 5;
update t set n = n + 1 where id % 3 = 0;
select a.k, count(*) from t a join t b on a.k = b.k and b.id = a.id + 1009 group by a.k order by 1 limit 5;
select count(distinct n), max(n) from t where k like 'k1%';
