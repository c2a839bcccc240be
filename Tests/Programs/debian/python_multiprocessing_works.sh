cat > t.py << 'END'
import multiprocessing as mp, multiprocessing.shared_memory as shm, os
def square(x): return x * x
def produce(q, n): [q.put(i) for i in range(n)]
def add(value, lock):
    for _ in range(200):
        with lock: value.value += 1
def fill(name):
    m = shm.SharedMemory(name); m.buf[:4] = b"done"; m.close()
def answer(end): end.send([end.recv() * 2, os.getpid() != parent]); end.close()
parent = os.getpid()
if __name__ == "__main__":
    context = mp.get_context("fork")
    with context.Pool(4) as pool: print("pool", sum(pool.map(square, range(100))), pool.apply_async(square, (7,)).get(60))
    q = context.Queue(); p = context.Process(target=produce, args=(q, 100)); p.start(); print("queue", sum(q.get(timeout=60) for _ in range(100))); p.join(); print(p.exitcode)
    value, lock = context.Value("i", 0), context.Lock()
    workers = [context.Process(target=add, args=(value, lock)) for _ in range(4)]; [p.start() for p in workers]; [p.join() for p in workers]; print("value", value.value)
    m = shm.SharedMemory(create=True, size=4096); p = context.Process(target=fill, args=(m.name,)); p.start(); p.join(); print(bytes(m.buf[:4])); m.close(); m.unlink()
    event, barrier = context.Event(), context.Barrier(2)
    p = context.Process(target=lambda: (event.wait(60), barrier.wait(60))); p.start(); event.set(); barrier.wait(60); p.join(); print("event", p.exitcode)
    p = context.Process(target=lambda: os.kill(os.getpid(), 9)); p.start(); p.join(); print(p.exitcode)
END
python3 t.py
