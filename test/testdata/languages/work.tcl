proc fib n {expr {$n<2?$n:[fib [expr $n-1]]+[fib [expr $n-2]]}}; puts [fib 20]; puts [exec echo sub]
