# Bytes and messages between processes.
. /tests/load/stress.inc
stress pipe fifo ring-pipe pipeherd eventfd poll sendfile splice tee pty sem-sysv shm-sysv msg mq
