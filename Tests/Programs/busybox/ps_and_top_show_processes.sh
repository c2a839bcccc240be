sleep 99 & child=$!
ps -o pid,ppid,comm | awk -v p=$child -v me=$$ '$1 == p { print ($2 == me), $3 }'
ps -o pid | grep -c '^ *1$'
ps -o pid,stat,args | awk -v p=$child '$1 == p { print substr($2, 1, 1), $3, $4 }'
top -b -n 1 > t; grep -c '^Mem:' t; grep -c '^CPU:' t; grep -c 'Load average:' t; grep -c 'sleep 99' t
kill -0 $child && echo alive; kill $child; wait $child 2> /dev/null; echo "status $?"
pidof sh > /dev/null && echo shell; uptime | grep -c 'load average'; free | grep -c '^Mem:'
test -e /proc/$child || echo gone
cat /proc/self/comm; tr '\0' ' ' < /proc/$$/cmdline; echo
