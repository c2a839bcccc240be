# ps, top, free, vmstat, pgrep, pkill, uptime, w, sysctl, pmap, pwdx, and those of psmisc.
sleep 300 & one=$!; setsid sleep 301 & two=$!
while [ "$(pgrep -c -x sleep)" -lt 2 ]; do sleep 0.05; done
ps -o pid=,comm=,args= -p $one | sed "s/ *$one/PID/"; ps -o ppid= -p $one | sed "s/ *$$/SHELL/"; ps aux | head -n 1; ps aux | grep -c '[s]leep 30'; ps -ef | awk '$8 == "sleep"' | wc -l
ps -eo pid,ppid,pgid,sid,tty,tpgid,stat,uid,user,time,nlwp,psr,pri,ni,rtprio,cls,wchan:20,rss,vsz,sz,pcpu,pmem,etime,lstart,pending,blocked,ignored,caught,esp,eip,maj_flt,min_flt,policy,cgroup,oom,label,comm,args > all; wc -l < all | grep -c .
ps -eLf | awk '$NF == "301"' | wc -l; ps axjf | grep -c 'sleep 30[01]$'; ps -C sleep -o comm=; ps --sort=-rss -eo rss | head -n 2 | tail -n 1 | grep -c '[1-9]'; ps -u root -o uid= | sort -u | tr -d ' '
top -b -n 2 -d 0.2 > top; head -n 1 top | grep -c 'load average'; grep -c '^%Cpu' top; grep -q ' sleep *$' top && echo "top sees sleep"; top -b -n 1 -H -o %MEM -p $one | tail -n 1 | awk '{ print $NF }'
free -k | awk 'NR == 2 { print ($2 > $3), ($4 > 0), ($7 > 0) }'; free -h | wc -l; free -w -t | tail -n 1 | cut -d: -f 1
vmstat 1 2 | wc -l; vmstat -s | grep -c 'K total memory'; vmstat -a | head -n 1 | grep -c memory; vmstat -f | grep -c forks; vmstat -d > /dev/null && echo disks
pgrep -x -c sleep; pgrep -f 'sleep 301' | sed "s/^$two$/TWO/"; pkill -f 'sleep 301'; wait $two; echo "$?"; pidof sleep | sed "s/^$one$/ONE/"
uptime | grep -c 'load average'; uptime -p | cut -d ' ' -f 1; w -h | wc -l; pwdx $one | sed "s/^$one/ONE/"
sysctl -n kernel.ostype kernel.pid_max vm.overcommit_memory vm.swappiness vm.max_map_count fs.nr_open kernel.randomize_va_space
sysctl -w vm.max_map_count=70000 kernel.threads-max=5000 vm.swappiness=10 kernel.core_pattern=/tmp/core.%p; sysctl vm.max_map_count kernel.threads-max vm.swappiness kernel.core_pattern; sysctl -w vm.max_map_count=65530 > /dev/null; sysctl -w vm.overcommit_memory=7 2>&1
sysctl -a 2>&1 | grep -c '^sysctl'
pmap $one | tail -n 1 | grep -c total; pmap -x $one | grep -c ' sleep$' | sed 's/[1-9]/some/'; pmap -X $one | tail -n 1 | wc -w | sed 's/[0-9]*/some/'
pstree -p $$ | head -n 1 | cut -c 1-5; killall -q -TERM sleep; wait $one; echo "$?"; fuser -s . 2> /dev/null && echo "in use"; prtstat $$ | head -n 1 | cut -c 1-8; killall -0 sleep 2>&1
skill --help | grep -c Usage; kill -l TERM; watch --version | cut -d ' ' -f 1; slabtop -o > /dev/null 2>&1; echo "slabtop $?"; pidwait --help | grep -c Usage
