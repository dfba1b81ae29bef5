%s/\<ba\(\w*\)/BA_\1/g
g/quiqui/d
sort u
normal! gg0iA line at the start
write! out.txt
quit!
