# A browser with its sandbox: processes in namespaces of their own, filters, shared
# memory, a run-time compiler. Its sandbox is not for root.
dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT
as=
if [ "$(id -u)" = 0 ]; then
	chmod 777 "$dir"
	as="setpriv --reuid 65534 --regid 65534 --clear-groups"
fi
cat >"$dir/page.html" <<END
<div id=made></div>
<script>
let sum = 0;
for (let i = 0; i < 1e6; i++) sum += i % 7;
document.getElementById('made').textContent = sum + ' ' + [3, 1, 2].sort().join();
</script>
END
HOME=$dir $as chromium --headless --disable-gpu --user-data-dir="$dir/profile" --dump-dom "file://$dir/page.html" 2>"$dir/messages"
