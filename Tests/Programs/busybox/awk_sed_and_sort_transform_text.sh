printf 'bob 30\nalice 25\ncarol 35\nalice 5\n' > data
awk '{ sum[$1] += $2 } END { for (n in sum) print n, sum[n] }' data | sort
awk 'BEGIN { printf "%05.2f %s %d\n", 3.14159, toupper("abc"), length("hello") }'
awk -F: '$3 == 0 { print $1 }' /etc/passwd
awk '{ print NR ": " $0 | "sort -r" }' data
sed -n '2p' data; sed 's/a/A/g; /bob/d' data
sed -e 's/\([a-z]*\) \([0-9]*\)/\2-\1/' data | head -n 1
sed -i '1d' data; wc -l < data
sort -k2n data | cut -d ' ' -f 2 | paste -s -d, -
sort -u -k1,1 data | wc -l; printf '10\n9\n2\n' | sort -n | tr '\n' ' '; echo
printf 'a\na\nb\n' | uniq -c | awk '{ print $1 $2 }'
