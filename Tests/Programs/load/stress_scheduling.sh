# The scheduler, timers, and what threads wait for. Not mutex: its threads are real-time ones, and it calls it a failure when they keep its own first thread from the CPU for the second that it has,
# which on Linux happened in five of eight runs on one CPU.
. /tests/load/stress.inc
stress switch schedpolicy affinity yield resched race-sched futex sem timer timerfd itimer nanosleep clock alarm hrtimers
