# A browser with processes of its own for pages, which share memory: what it draws is
# the same each time.
dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT
cp "${0%/*}/page.html" "$dir" || exit
HOME=$dir firefox-esr --headless --no-remote --profile "$dir" --screenshot "$dir/page.png" "file://$dir/page.html" 2>"$dir/messages" ||
	cat "$dir/messages"
md5sum <"$dir/page.png"
