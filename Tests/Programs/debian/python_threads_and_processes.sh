cat > t.py << 'END'
import concurrent.futures, ctypes, mmap, multiprocessing as mp, multiprocessing.shared_memory as shm, os, queue, select, signal, sqlite3, subprocess, sys, threading, time

# Threads: a lock, a condition, a queue, an event, a barrier, thread-local data.
count, lock = 0, threading.Lock()
def add():
    global count
    for _ in range(2000):
        with lock: count += 1
threads = [threading.Thread(target=add) for _ in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
print("threads", count)
q = queue.Queue(2)
producer = threading.Thread(target=lambda: [q.put(i) for i in range(10)]); producer.start()
print("queue", sum(q.get() for _ in range(10))); producer.join()
barrier, passed = threading.Barrier(3), []
def wait(): barrier.wait(); passed.append(1)
threads = [threading.Thread(target=wait) for _ in range(3)]; [t.start() for t in threads]; [t.join() for t in threads]
print("barrier", len(passed), threading.Event().wait(0.02))
with concurrent.futures.ThreadPoolExecutor(4) as pool: print("pool", sum(pool.map(lambda x: x * x, range(50))))

# Subprocesses.
print(subprocess.run(["tr", "a-z", "A-Z"], input="through a pipe", text=True, capture_output=True).stdout)
p = subprocess.Popen(["sleep", "60"]); p.terminate(); print("terminated", p.wait())
try: subprocess.run(["sleep", "60"], timeout=0.2)
except subprocess.TimeoutExpired: print("timeout")
try: subprocess.run(["/nowhere"])
except FileNotFoundError as e: print(e)
print(subprocess.check_output("echo $0; exit 0", shell=True, text=True, close_fds=True, start_new_session=True).strip())

# Signals.
signal.signal(signal.SIGUSR1, lambda *_: print("handled")); os.kill(os.getpid(), signal.SIGUSR1)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2]); os.kill(os.getpid(), signal.SIGUSR2); print(signal.sigwait([signal.SIGUSR2]).name)
def late(*_): raise TimeoutError
signal.signal(signal.SIGALRM, late)
try: signal.setitimer(signal.ITIMER_REAL, 0.05); time.sleep(1000)
except TimeoutError: print("alarm")
r, w = os.pipe(); os.set_blocking(w, False); signal.set_wakeup_fd(w); signal.raise_signal(signal.SIGUSR1); print(os.read(r, 1)[0] == signal.SIGUSR1); signal.set_wakeup_fd(-1)

# Waiting for files.
poll = select.epoll(); poll.register(r, select.EPOLLIN); print("epoll", poll.poll(0)); os.write(w, b"x"); print(poll.poll(1)[0][1] == select.EPOLLIN, select.select([r], [], [], 0)[0] == [r])

# Memory, ctypes, sqlite.
m = mmap.mmap(-1, 8192); m[0:3] = b"abc"
if os.fork() == 0: m[0:3] = b"xyz"; os._exit(3)
print(os.waitstatus_to_exitcode(os.wait()[1]), m[0:3])
libc = ctypes.CDLL("libc.so.6"); print(libc.abs(-5), libc.strlen(b"four"))
order = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
numbers = (ctypes.c_int * 3)(3, 1, 2); libc.qsort(numbers, 3, 4, order); print(list(numbers))
db = sqlite3.connect("t.db"); db.execute("create table t(a)"); db.executemany("insert into t values(?)", [(i,) for i in range(1000)]); db.commit(); print(db.execute("select sum(a) from t").fetchone())
pid, fd = os.forkpty()
if pid == 0: os.write(1, b"on a terminal\n" if os.isatty(0) else b"no\n"); os._exit(0)
print(os.fdopen(fd).readline().strip()); os.waitpid(pid, 0)
END
python3 t.py
