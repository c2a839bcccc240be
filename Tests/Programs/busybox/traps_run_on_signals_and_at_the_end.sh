trap 'echo got USR1' USR1
kill -USR1 $$
trap 'echo got TERM; trap - TERM' TERM
kill -TERM $$
sh -c 'trap "echo inner exit" EXIT; exit 3'; echo "status $?"
sh -c 'trap "" INT; kill -INT $$; echo survived'
sh -c 'kill -TERM $$; echo never'; echo "status $?"
sh -c 'sleep 1000 & long=$!; trap "echo woken; kill $long; exit 5" USR1; (sleep 0.2; kill -USR1 $$) & wait $long'; echo "status $?"
trap 'echo bye' EXIT
