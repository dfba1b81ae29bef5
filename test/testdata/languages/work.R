x <- sapply(1:2000, function(i) sum(sqrt(1:i))); cat(sum(x), "\n"); m <- matrix(1:10000/1e4,100); cat(sum(solve(m%*%t(m)+diag(100))), "\n"); print(summary(lm(x~seq_along(x)))$r.squared)
