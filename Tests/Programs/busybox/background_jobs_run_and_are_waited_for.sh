(until [ -e go ]; do sleep 0.05; done; echo late) &
first=$!
echo early; : > go
wait $first; echo "status $?"
(exit 7) & wait $!; echo "status $?"
for i in 1 2 3 4; do (sleep 0.1; exit $i) & pids="$pids $!"; done
for pid in $pids; do wait $pid; echo "child $?"; done
sleep 100 & kill $!; wait $! 2> /dev/null; echo "killed $?"
sleep 100 & sleep 100 & jobs | grep -c Running
kill %1 %2; wait; echo done
