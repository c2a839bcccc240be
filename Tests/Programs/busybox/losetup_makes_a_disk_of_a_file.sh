dd if=/dev/zero of=image bs=1024 count=64 2> /dev/null
d=$(losetup -f); losetup $d image && wc -c < $d
losetup $d | sed "s|$d|DEVICE|; s|$PWD/||"
printf hello | dd of=$d seek=1 2> /dev/null; losetup -d $d
dd if=image bs=512 skip=1 count=1 2> /dev/null | head -c 5; echo
losetup -r -o 512 $d image; head -c 5 $d; echo; blockdev --getro $d; losetup -d $d
losetup $d > /dev/null 2>&1 || echo free
