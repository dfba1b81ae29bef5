# Pipelines and jobs, which bash and dash both know.
set -m 2>/dev/null
sleep 0.1 | cat &
slow=$!
sh -c 'kill -STOP $$; echo resumed; exit 3' &
stopped=$!
until [ "$(cut -d' ' -f3 /proc/$stopped/stat)" = T ]; do :; done
kill -CONT $stopped
# A job that stops may end a wait.
while wait $stopped; [ $? != 3 ]; do :; done
wait $slow
echo "jobs: $?"
for i in 1 2 3 4 5; do
	seq 1 2000 | grep -v 7 | sort -rn | head -3 | tr '\n' ' '
	echo
done
trap 'echo usr1' USR1
(kill -USR1 $$)
wait
yes | head -1000 | wc -l
x=$(for i in 1 2 3; do echo $i & done; wait)
echo "$x" | sort
cat <<END | tac
one
two
$(echo three | tr a-z A-Z)
END
mkfifo fifo
cat fifo &
echo through >fifo
wait
rm fifo
# When a shell tells of a killed job, and by which number, depends on when it
# has forgotten those before.
exec 2>/dev/null
sleep 100 &
kill -TERM $!
wait $!
echo "killed $?"
(exit 5) | true
echo $?
