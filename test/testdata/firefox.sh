# A browser with processes of its own for pages, which share memory: what it draws is
# the same each time.
dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT
cat >"$dir/page.html" <<END
<h1 id=made></h1>
<script>
let sum = 0;
for (let i = 0; i < 1e6; i++) sum += i % 7;
document.getElementById('made').textContent = sum + ' ' + [3, 1, 2].sort().join();
</script>
END
HOME=$dir firefox-esr --headless --no-remote --profile "$dir" --screenshot "$dir/page.png" "file://$dir/page.html" 2>"$dir/messages" ||
	cat "$dir/messages"
md5sum <"$dir/page.png"
