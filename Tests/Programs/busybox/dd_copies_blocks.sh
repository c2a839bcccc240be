dd if=/dev/zero of=z bs=4096 count=100 2> report; tail -n 1 report | cut -d ' ' -f 1; wc -c < z
seq 1 1000 > n; dd if=n of=m bs=7 2> /dev/null; cmp n m && echo same
dd if=n bs=1 skip=2 count=3 2> /dev/null | od -An -c | tr -s ' '
printf XY | dd of=n bs=1 seek=4 conv=notrunc 2> /dev/null; head -c 8 n | od -An -c | tr -s ' '
dd if=/dev/urandom bs=1000 count=10 2> /dev/null | wc -c
dd if=/dev/zero of=sparse bs=1 count=0 seek=1000000 2> /dev/null; wc -c < sparse; du -k sparse | cut -f 1
cat n | dd bs=64 2> /dev/null | md5sum | cut -c 1-32 | wc -c
