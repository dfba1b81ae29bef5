# A script without subprocesses: builtins only.
declare -A count
while read -r -a words; do
	for w in "${words[@]}"; do
		count[$w]=$((${count[$w]:-0} + 1))
	done
	((++lines == 400)) && break
done <"$1/small.txt"
best=
for w in "${!count[@]}"; do
	if [[ -z $best || ${count[$w]} -gt ${count[$best]} || (${count[$w]} -eq ${count[$best]} && $w < $best) ]]; then
		best=$w
	fi
done
echo "${#count[@]} words, $best ${count[$best]}"
f() { local n=$1; ((n < 2)) && { r=$n; return; }; f $((n - 1)); local a=$r; f $((n - 2)); r=$((r + a)); }
f 13
printf 'fib %d\n' "$r"
trap 'echo leaving' EXIT
echo "to stderr" >&2
exit 3
