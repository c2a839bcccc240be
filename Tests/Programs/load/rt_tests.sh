# The programs of rt-tests, shortly: what they measure is for figures; here they must end, and count what they were asked to.
run() { # NAME PROGRAM...: its status counts
    local name=$1
    shift
    if timeout 60 "$@" > output 2>&1; then echo "$name"; else echo "$name: status $?"; cat output; fi
}
run "hackbench, processes and pipes" hackbench --process --pipe --loops 20 --groups 2
run "hackbench, threads and pipes" hackbench --threads --pipe --loops 20 --groups 2
run "hackbench, processes and sockets" hackbench --process --loops 20 --groups 2
run "hackbench, threads and sockets" hackbench --threads --loops 20 --groups 2
run "cyclictest" cyclictest --quiet --priority 80 --threads 2 --interval 1000 --loops 200 --mlockall
run "cyclictest, timers and signals" cyclictest --quiet --priority 80 --posix_timers --interval 2000 --loops 100
run "pi_stress" pi_stress --quiet --duration 2 --groups $(($(nproc) < 2 ? 1 : 2))
run "signaltest" signaltest --quiet --priority 80 --threads 3 --loops 200
run "ptsematest" ptsematest --quiet --priority 80 --interval 1000 --loops 200
run "sigwaittest" sigwaittest --quiet --priority 80 --interval 1000 --loops 200
run "sigwaittest, processes" sigwaittest --quiet --fork --priority 80 --interval 1000 --loops 200
run "svsematest" svsematest --quiet --priority 80 --interval 1000 --loops 200
run "svsematest, processes" svsematest --quiet --fork --priority 80 --interval 1000 --loops 200
run "pmqtest" pmqtest --quiet --priority 80 --interval 1000 --loops 200
