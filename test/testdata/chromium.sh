# A browser with its sandbox: processes in namespaces of their own, filters, shared
# memory, a run-time compiler. Its sandbox is not for root.
dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT
as=
if [ "$(id -u)" = 0 ]; then
	chmod 777 "$dir"
	as="setpriv --reuid 65534 --regid 65534 --clear-groups"
fi
cp "${0%/*}/page.html" "$dir" || exit
HOME=$dir $as chromium --headless --disable-gpu --user-data-dir="$dir/profile" --dump-dom "file://$dir/page.html" 2>"$dir/messages"
