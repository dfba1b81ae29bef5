# What one would type in "hindsight replay": from the crash back to its cause.
set pagination off
set width 0
set style enabled off
set trace-commands on
continue
backtrace
print *b
print b->report
watch -location b->report
reverse-continue
when
backtrace
print *o
print &b->last[o->price / 10]
print &b->report
