%% Recursion, lists, processes that send messages, a timer, floats, an exception, a sort.
-mode(compile).
main(_) ->
    io:format("~p~n", [fib(20)]),
    io:format("~p~n", [lists:sum(lists:sort([X * 7919 rem 10007 || X <- lists:seq(1, 20000)]))]),
    Self = self(),
    Ring = lists:foldl(fun(_, Next) -> spawn(fun() -> pass(Next) end) end, Self, lists:seq(1, 50)),
    Ring ! 0,
    receive N -> io:format("ring ~p~n", [N]) end,
    receive never -> ok after 20 -> io:format("timeout~n") end,
    io:format("~.6f~n", [lists:foldl(fun(X, S) -> S + math:sin(X) end, 0.0, lists:seq(1, 10000))]),
    io:format("~p~n", [try list_to_integer("x3") catch error:E -> E end]).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

pass(Next) -> receive N -> Next ! N + 1 end.
