# grep, sed, both awks, find, xargs, tar and the compressors, diff, patch-like editing.
grep -n root /etc/passwd; grep -oP '\d+(?=x)' <<< 'a12x3'; grep -c '' /etc/passwd; grep -rl daemon /etc/passwd /etc/group; grep -E -v '^(a|b)' <<< $'a\nb\nc'
printf 'one\ntwo\n' > t; sed -i 's/o/0/g' t; cat t; sed -n '2{p;q}' t; sed -E 's/(.)(.)/\2\1/' t; sed '1!G;h;$!d' t
for awk in gawk mawk awk; do $awk -F: '$3 < 3 { n += $3; print $1 } END { print n, length("abc"), substr("hello", 2, 3), 2 ^ 10 }' /etc/passwd; done
gawk 'BEGIN { cmd = "sort"; print "b\na" |& cmd; close(cmd, "to"); while ((cmd |& getline line) > 0) print line; print strftime("%Y", 0, 1); "echo sub" | getline x; print x; exit system("exit 3") }'; echo "$?"
mkdir -p tree/{a,b}/c; touch tree/a/1.txt tree/b/c/2.txt; find tree -name '*.txt' | sort; find tree -type d | sort; find tree -type f -exec basename {} \; | sort; find tree -empty | sort; find tree -name 1.txt -delete; find tree -type f | wc -l
seq 20 | xargs -n 5 -P 4 echo | sort -n; printf 'a b\0c' | xargs -0 -I{} echo "<{}>"
for how in "" z j J; do tar -c${how}f t.tar /etc 2> /dev/null; tar -t${how}f t.tar | wc -l | sed "s/$(find /etc | wc -l)/all/"; mkdir -p x; tar -x${how}f t.tar -C x; diff -rq --no-dereference /etc x/etc && echo same; rm -r x; done
head -c 100000 /dev/zero | gzip | zcat | md5sum; seq 1000 | xz | xzcat | md5sum; seq 1000 | bzip2 | bzcat | md5sum
diff -u <(seq 5) <(seq 2 6) | tail -n +3; cmp <(echo a) <(echo b) | sed 's/.*differ/differ/'; diff3 <(echo a) <(echo b) <(echo a) | head -n 1
find / -xdev -type f -size +3M | wc -l | grep -c .
