# A script with subprocesses.
words=$(tr ' ' '\n' <"$1/small.txt" | sort | uniq -c | sort -rn | head -3)
echo "$words"
ls "$1/tree" | wc -l
(cd "$1/many" && echo *-000?.* | md5sum)
for i in 1 2 3 4 5; do
	true &
done
wait
echo "last: $(echo nested $(echo deeper))"
cat <<END | grep -c line
line
other
line
END
false
echo "status $?"
sh -c 'kill -TERM $$'
echo "status $?"
exit 5
