# A vim in a tmux, typed at from outside.
export TMUX_TMPDIR="$PWD" TERM=screen
t="tmux -f /dev/null"
$t new-session -d -x 80 -y 24 'vim -u NONE -i NONE -n typed.txt' || exit
$t send-keys -t 0 'ihello from vim' Escape
$t send-keys -t 0 'yyp:%s/vim/tmux/' Enter ':w' Enter
until [ -s typed.txt ]; do sleep 0.05; done
$t capture-pane -p -t 0 | head -2
$t send-keys -t 0 ':q' Enter
while $t has-session 2>/dev/null; do sleep 0.05; done
cat typed.txt
rm -r tmux-*
